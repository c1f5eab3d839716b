// Makes a fresh clone ready: installs the packages that the command needs, and checks that a Node that can run the
// project is at hand. Runs before every command, under whatever Node started npm, so: no dependencies, no newer syntax.
// `node scripts/setup.mjs [LEVEL]` is for commands that are no script of this repository. It must not build or start
// anything.
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isInstalled, LEVELS, levelWith, lockOf, PINNED, placesOf } from './packages.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** People take a silence of two seconds for a fault. */
const SHOW_EVERY_MS = 1_900;
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

const say = (sentence) => process.stderr.write(`${sentence}\n`);

function fail(sentence) {
  say(sentence);
  process.exit(1);
}

/** The oldest Node that runs TypeScript without a flag. */
function isNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

const pinned = join(root, PINNED.package, 'bin', 'node');
const isPinnable = process.platform === 'linux' && process.arch === 'x64';

/** Calls `show` with the seconds since the start until the returned function is called. */
function every(show) {
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  const timer = setInterval(() => show(seconds()), SHOW_EVERY_MS);
  return () => {
    clearInterval(timer);
    return seconds();
  };
}

/** Runs npm to its end. A signal ends npm, and then this process with the signal's code. */
function runNpm(args) {
  const npm = process.env['npm_execpath'];
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  return new Promise((resolve) => {
    // npm's own output goes to stderr: stdout belongs to the command that follows.
    const child = spawn(command, [...first, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
    let code;
    const handlers = Object.entries(SIGNALS).map(([signal, signalCode]) => {
      const handler = () => {
        code = signalCode;
        child.kill('SIGTERM');
      };
      process.on(signal, handler);
      return [signal, handler];
    });
    child.on('error', (error) => fail(`npm could not be started: ${error.message}`));
    child.on('exit', (status) => {
      for (const [signal, handler] of handlers) process.removeListener(signal, handler);
      if (code !== undefined) {
        say('Ended before the packages were installed. The next command installs them again.');
        process.exit(code);
      }
      resolve(status);
    });
  });
}

async function install(level, lock) {
  const { what, flags, megabytes } = LEVELS[level];
  const hasPinned = isPinnable && (level !== 'run' || !isNewEnough());
  const places = [...placesOf(lock, LEVELS[level]).keys(), ...(hasPinned ? [PINNED.package] : [])];
  const size = megabytes - (isPinnable && !hasPinned ? PINNED.megabytes : 0);
  say(
    `Installing ${places.length} packages, about ${size} MB: ${what}. npm fetches them from the package registry. ` +
      'On a fast line this takes less than a minute.',
  );
  const stop = every((seconds) => {
    const there = places.filter((place) => existsSync(join(root, place, 'package.json'))).length;
    say(`  ${seconds} s: waiting for npm, ${there} of ${places.length} packages are here`);
  });
  const workspaces = [...flags, ...(hasPinned ? [`--workspace=${PINNED.folder}`] : [])];
  const chosen = workspaces.some((flag) => flag.startsWith('--workspace='))
    ? [...workspaces, '--include-workspace-root']
    : [...workspaces, '--workspaces=false'];
  const status = await runNpm(['ci', '--loglevel=error', ...chosen]);
  const seconds = stop();
  if (status !== 0) fail('Installing the packages failed. The reason that npm gives is above.');
  // The headers of the pinned Node are for addons in C++, and a third of it.
  for (const part of ['include', 'share']) rmSync(join(root, PINNED.package, part), { recursive: true, force: true });
  say(`Installed in ${seconds} s.`);
}

/** Installs what `level` needs and is not there, and ends the process with one sentence if that is impossible. */
export async function makeReady(wanted) {
  if (LEVELS[wanted] === undefined) fail(`There is no level "${wanted}": ${Object.keys(LEVELS).join(', ')}.`);
  const lock = lockOf(root);
  const isNodeThere = () => isNewEnough() || existsSync(pinned);
  const isReady = isInstalled(root, lock, placesOf(lock, LEVELS[wanted]));
  if (!isReady || (isPinnable && !isNodeThere())) await install(levelWith(root, lock, wanted), lock);
  if (isNodeThere()) return;
  fail(
    `Node ${process.versions.node} is too old here and no pinned Node exists for ${process.platform}-${process.arch}: ` +
      'install Node 24 (22.18 is the oldest that works) and run the command again.',
  );
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await makeReady(process.argv[2] ?? 'test');
}
