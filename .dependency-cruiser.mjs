// Rules for imports, made of the table in `rooms.mjs`: no circle of files, and no import that the table does not allow.
import { OUTSIDE, ROOMS } from './rooms.mjs';

const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
const isFile = (room) => /\.ts$/.test(room);
const inside = (room) => (isFile(room) ? `^${escaped(room)}$` : `^${escaped(room)}/`);

/** Paths of the files that `room` may import, as one pattern. */
function allowedFiles(room, rooms) {
  const others = Object.entries(rooms).map(([other, files]) =>
    files === true ? inside(other) : `^${escaped(other)}/(${files.map(escaped).join('|')})\\.ts$`,
  );
  return [inside(room), ...others];
}

/** A package is met as a folder of node_modules, a module of Node.js by its name. */
function allowedPackages(packages) {
  return packages.flatMap((name) => {
    if (!name.startsWith('node:')) return [`node_modules/${escaped(name)}`];
    const module = name.slice('node:'.length);
    return module === '' ? ['^[a-z_/]+$', '^node:'] : [`^(node:)?${escaped(module)}(/|$)`];
  });
}

/** Files that define the shapes of answers as schemas. */
const SHAPES =
  '^src/(operators/answers/|fleet/campaign/answers\\.ts$|config/problem-answer\\.ts$|http/contract/answers\\.ts$)';

const roomRules = Object.entries(ROOMS).map(([room, { rooms, packages }]) => ({
  name: `imports-of-${room.replaceAll('/', '-')}`,
  comment: `What ${room} may import is in rooms.mjs.`,
  severity: 'error',
  from: { path: inside(room), pathNot: '\\.(css|html|json)$' },
  to: { pathNot: [...allowedFiles(room, rooms), ...allowedPackages(packages), '\\.css$'] },
}));

export default {
  forbidden: [
    {
      name: 'no-circle-of-files',
      comment: 'Files that import each other are one file to whoever reads them.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'every-file-has-a-room',
      comment: 'A new room of src is added to rooms.mjs, with what it may import.',
      severity: 'error',
      from: { path: '^src/', pathNot: Object.keys(ROOMS).map(inside) },
      to: {},
    },
    {
      name: 'decides-without-carrying-out',
      comment: 'What decides knows neither ports that are called nor the pass that calls them.',
      severity: 'error',
      from: { path: '^src/(rotation/decide|fleet/campaign/rules)/' },
      to: { path: '^src/(rotation/pass|fleet/(?!campaign/rules))' },
    },
    {
      name: 'answers-are-types-outside-of-the-contract',
      comment: 'Only the OpenAPI document loads the schemas of answers. Other code, and the page, imports their types.',
      severity: 'error',
      from: { path: '^src/', pathNot: [SHAPES, '^src/http/contract/'] },
      to: { path: SHAPES, dependencyTypesNot: ['type-only'] },
    },
    ...roomRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: { path: `^(${OUTSIDE.filter((folder) => !['local', 'doctor'].includes(folder)).join('|')})/` },
  },
};
