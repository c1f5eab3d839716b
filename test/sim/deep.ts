// `npm run sim:deep`: everything that takes longer than a test may: three faults exhaustively, more preemptions and
// passes, random walks with many faults. Ends when it is through or
// when time is up, and says which. With `--resume`, scenarios that an earlier run of the same code got through are skipped.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCommand } from '../../local/command-line.ts';
import type { Bounds } from './interleave.ts';
import { SCENARIOS } from './scenarios.ts';
import { exploreAll, search } from './search.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STORE = join(ROOT, '.local', 'sim-deep.json');
const WALKS_PER_TASK = 500;
/** Share of the time that is kept for random walks. */
const WALK_SHARE = 0.15;

const { faults, minutes, resume, json, ...values } = readCommand({
  name: 'npm run sim:deep',
  does:
    'searches what takes longer than a test may: more faults, more preemptions and passes, and random walks. ' +
    'Exit code 1: an invariant was violated.',
  flags: {
    faults: { kind: 'number', means: 'the most faults in a scenario', minimum: 0, maximum: 4, default: 3 },
    minutes: { kind: 'number', means: 'when time is up', minimum: 1, maximum: 10_000, default: 15 },
    seed: {
      kind: 'number',
      means: 'of the random walks; without this flag another one each time',
      minimum: 0,
      maximum: 1_000_000_000,
    },
    resume: { kind: 'switch', means: 'skips the scenarios that an earlier run of the same code got through' },
    json: { kind: 'switch', means: 'prints the sum as JSON' },
  },
  examples: ['npm run sim:deep -- --minutes 60 --resume'],
});
const startedAt = Date.now();
const endsAt = startedAt + minutes * 60_000;
const seed = values.seed ?? startedAt % 1_000_000_000;
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const elapsed = (): number => Math.round((Date.now() - startedAt) / 1000);
say(`seed ${seed}`);

/** What was found is good for exactly this code. */
function codeDigest(): string {
  const hash = createHash('sha256').update(String(faults));
  for (const folder of ['src/rotation', 'local/azure/world', 'local/azure/memory', 'test/sim']) {
    const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.sort()) hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}

interface Stored {
  readonly digest: string;
  readonly done: Record<string, { readonly schedules: number; readonly states: number }>;
}

function load(digest: string): Stored {
  const empty = { digest, done: {} };
  if (!resume || !existsSync(STORE)) return empty;
  const stored = JSON.parse(readFileSync(STORE, 'utf8')) as Stored;
  return stored.digest === digest ? stored : empty;
}

const store = load(codeDigest());
const violations: string[] = [];
let interleavings = 0;

const BOUNDS: readonly Bounds[] = [
  { passes: 2, preemptions: 3, ticks: 16, leavesOutShared: true },
  { passes: 2, preemptions: 2, ticks: 16, order: 'lastFirst', leavesOutShared: true },
  { passes: 3, preemptions: 2, ticks: 16, leavesOutShared: true },
];
for (const bounds of BOUNDS) {
  const tasks = SCENARIOS.map(({ name }) => ({ kind: 'interleave' as const, scenario: name, bounds }));
  let count = 0;
  await search(tasks, (found) => {
    count += found.interleavings;
    violations.push(...found.violations);
    return Date.now() < endsAt;
  });
  interleavings += count;
  say(`${elapsed()} s: ${count} interleavings of ${bounds.passes} passes with up to ${bounds.preemptions} preemptions`);
}

const left = SCENARIOS.map(({ name }) => name).filter((name) => store.done[name] === undefined);
const until = endsAt - WALK_SHARE * (endsAt - startedAt);
let isComplete = true;
/** Of scenarios that time was up for: counted, and begun again by the next run. */
const partial: { schedules: number; states: number }[] = [];
await exploreAll({
  scenarios: left,
  faults,
  violations: 3,
  until,
  onDone: (found) => {
    const { scenario, schedules, states } = found;
    const wrong = found.violations.map(({ text, scenario: name }) => `${text} (${name})`);
    const end = found.isComplete ? '' : ', not complete';
    say(`${elapsed()} s: ${scenario}: ${schedules} schedules, ${states} states, ${wrong.length} violations${end}`);
    // At once: a run that is stopped before its end has said what it found.
    for (const text of wrong) say(text);
    violations.push(...wrong);
    if (!found.isComplete) {
      isComplete = false;
      partial.push({ schedules, states });
      return;
    }
    store.done[scenario] = { schedules, states };
    if (found.violations.length > 0) return;
    mkdirSync(dirname(STORE), { recursive: true });
    writeFileSync(STORE, JSON.stringify(store));
  },
});

let walks = 0;
let walkFaults = 0;
const walksEndAt = Math.min(endsAt, Date.now() + WALK_SHARE * (endsAt - startedAt));
for (let round = 0; round === 0 || Date.now() < walksEndAt; round++) {
  const tasks = SCENARIOS.map(({ name }, index) => ({
    kind: 'walk' as const,
    scenario: name,
    seed: seed + (round * SCENARIOS.length + index) * WALKS_PER_TASK,
    walks: WALKS_PER_TASK,
  }));
  await search(tasks, (found) => {
    walks += found.walks;
    walkFaults += found.faults;
    violations.push(...found.violations);
    return Date.now() < walksEndAt;
  });
}
say(`${elapsed()} s: ${walks} random walks with ${walkFaults} faults`);

const sums = [...Object.values(store.done), ...partial];
const summary = {
  faults,
  isComplete,
  scenarios: Object.keys(store.done).length,
  schedules: sums.reduce((sum, { schedules }) => sum + schedules, 0),
  states: sums.reduce((sum, { states }) => sum + states, 0),
  interleavings,
  walks,
  walkFaults,
  violations: violations.length,
  seed,
  seconds: elapsed(),
};
for (const violation of violations.slice(0, 20)) say(`VIOLATION ${violation}`);
process.stdout.write(
  `${
    json
      ? JSON.stringify(summary)
      : Object.entries(summary)
          .map(([name, value]) => `${name} ${String(value)}`)
          .join(', ')
  }\n`,
);
process.exitCode = violations.length > 0 ? 1 : 0;
