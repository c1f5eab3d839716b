// The order of the rooms is checked: a forbidden import in any room is refused, and the documents draw the same table.
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import rules from '../../.dependency-cruiser.mjs';
import { ROOMS } from '../../rooms.mjs';
import { drawRooms } from '../../scripts/draw-rooms.mjs';
import { readDocument } from '../support/documents.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDERS = Object.keys(ROOMS).filter((room) => !room.endsWith('.ts'));
const OFFENDER = 'offender.ts';
const FILES_MAXIMUM = 15;

/** A file of each room that the room must not import: of a room that its line of the table does not name. */
function forbiddenFor(room: string): string {
  const rooms = ROOMS[room]?.rooms ?? {};
  const other = FOLDERS.find((candidate) => candidate !== room && rooms[candidate] === undefined);
  if (other === undefined) throw new Error(`Nothing is forbidden to ${room}.`);
  const file = readdirSync(join(ROOT, other), { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith('.ts'),
  );
  return `${other}/${file ?? ''}`;
}

const SHAPE = '../operators/answers/check.ts';
/** Rooms that may import the shapes of answers, as types. */
const READERS_OF_ANSWERS = ['src/operators', 'src/page', 'src/http'];

let folder: string;
let found: ICruiseResult;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rooms-'));
  for (const path of ['src', 'packages/consumer/src', 'packages/operator/src', 'local', 'tsconfig.json'])
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const room of FOLDERS) {
    const files = [forbiddenFor(room), 'local/azure/ports.ts'].map((file) => relative(room, file));
    const lines = [...files, 'eslint'].map((path) => `import '${path}';`);
    writeFileSync(join(folder, room, OFFENDER), lines.join('\n'));
  }
  for (const room of READERS_OF_ANSWERS) {
    const lines = [`import { lastCheck } from '${SHAPE}';`, `import type { LastCheck } from '${SHAPE}';`];
    writeFileSync(join(folder, room, 'loads-schema.ts'), lines.join('\n'));
    writeFileSync(join(folder, room, 'takes-type.ts'), lines.slice(1).join('\n'));
  }
  const { forbidden = [], options } = rules;
  const { output } = await cruise(['src', 'packages/consumer/src', 'packages/operator/src'], {
    ...options,
    tsConfig: { fileName: join(folder, 'tsconfig.json') },
    baseDir: folder,
    validate: true,
    ruleSet: { forbidden },
  });
  found = output as ICruiseResult;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a forbidden import', () => {
  it.each(FOLDERS)('is refused in %s: of another room, of what is for development, of a package', (room) => {
    const refused = found.summary.violations.filter(({ from }) => from === `${room}/${OFFENDER}`);
    const ours = refused.filter(({ rule }) => rule.name === `imports-of-${room.replaceAll('/', '-')}`);
    expect(ours.map(({ to }) => (to.includes('node_modules') ? 'eslint' : to)).toSorted()).toEqual(
      [forbiddenFor(room), 'eslint', 'local/azure/ports.ts'].toSorted(),
    );
  });

  it('is a schema of an answer, except as a type', () => {
    const refused = found.summary.violations.filter(({ rule }) => rule.name.startsWith('answers-are-types'));
    expect(refused.map(({ from, to }) => `${from} ${to}`).toSorted()).toEqual([
      'src/http/loads-schema.ts src/operators/answers/check.ts',
      'src/operators/loads-schema.ts src/operators/answers/check.ts',
      'src/page/loads-schema.ts src/operators/answers/check.ts',
    ]);
  });

  it('is the only thing that is refused', () => {
    const expected = [OFFENDER, 'loads-schema.ts'];
    const others = found.summary.violations.filter(({ from }) => !expected.some((name) => from.endsWith(name)));
    expect(others).toEqual([]);
  });
});

it('every room is listed above those that it may import', () => {
  const order = Object.keys(ROOMS);
  for (const [room, { rooms }] of Object.entries(ROOMS)) {
    for (const other of Object.keys(rooms))
      expect([room, other, order.indexOf(other) < order.indexOf(room)]).toEqual([room, other, true]);
  }
});

it('no folder of src has more files than a reader takes in at once', () => {
  const folders = new Map<string, number>();
  for (const entry of readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) folders.set(entry.parentPath, (folders.get(entry.parentPath) ?? 0) + 1);
  }
  expect(folders.size).toBeGreaterThan(20);
  // A function of the app is a file: they are as many as the app has functions.
  const rooms = [...folders].filter(([folder]) => !folder.includes('/src/functions'));
  expect(rooms.filter(([, files]) => files > FILES_MAXIMUM)).toEqual([]);
});

it('docs/architecture.md draws the table', () => {
  expect(readDocument('docs/architecture.md')).toContain(`\`\`\`mermaid\n${drawRooms()}\n\`\`\``);
});
