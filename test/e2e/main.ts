// `npm run soak`: kills the host N times under load and prints what was found as one JSON line.
// One start in sixteen finds the lock of the timers held, and one runs into the time-out of functions.
import { readCommand } from '../../local/command-line.ts';
import { soak } from './soak.ts';

const { kills, seed } = readCommand({
  name: 'npm run soak',
  does: 'kills the host many times under load, and prints what was found as one line of JSON. Exit code 1: a finding.',
  flags: {
    kills: { kind: 'number', means: 'how often the host is killed', minimum: 1, maximum: 100_000, default: 200 },
    seed: { kind: 'number', means: 'chooses the moments', minimum: 0, maximum: 1_000_000_000, default: 1 },
  },
  examples: ['npm run soak -- --kills 10'],
});
/** What the host said last, shown when something is found wrong. */
const lines: string[] = [];
const LINES_KEPT = 200;
const report = await soak({
  kills,
  seed,
  onKill: (kill, at) => process.stderr.write(`kill ${kill} after ${at}\n`),
  onLine: ({ level, message }) => {
    lines.push(`${level} ${message}`);
    if (lines.length > LINES_KEPT) lines.shift();
  },
});
if (report.findings.length > 0) process.stderr.write(`${lines.join('\n')}\n`);
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(report.findings.length === 0 ? 0 : 1);
