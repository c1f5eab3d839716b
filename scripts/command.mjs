// `node scripts/command.mjs SCRIPT [FLAGS]`: runs a script of the project in this process, so that it ends in order by
// whatever means it is ended. A script that has a handler of its own for a signal ends by itself. Any other script, and a
// second signal, end the process at once, but with its exit handlers: they remove temporary files. `run.mjs` starts this
// file as its child; then the script also ends when `run.mjs` says so, or is gone.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
let isEnding = false;

for (const [signal, code] of Object.entries(CODES)) {
  process.on(signal, () => {
    isEnding = true;
    if (process.listenerCount(signal) === 1) process.exit(code);
  });
}

/** As a signal would. The terminal may have sent one already. */
function end() {
  if (!isEnding) process.kill(process.pid, 'SIGTERM');
}

if (process.channel !== undefined) {
  process.on('disconnect', end);
  process.on('message', end);
  // Waiting for these must not keep the script alive.
  process.channel.unref();
}

const [, , script = ''] = process.argv;
// The script looks for its own path and its flags where they are without this file.
process.argv.splice(1, 2, resolve(script));
await import(pathToFileURL(resolve(script)).href);
