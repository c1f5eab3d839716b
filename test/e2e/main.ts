// `npm run soak -- [--kills N] [--seed N]`: kills the host N times under load and prints what was found as one JSON line.
// One start in sixteen finds the lock of the timers held, and one runs into the time-out of functions.
import { commandLineOf, wholeNumberOf } from '../../local/command-line.ts';
import { soak } from './soak.ts';

const values = commandLineOf('npm run soak -- [--kills N] [--seed N]', {
  kills: { type: 'string', default: '200' },
  seed: { type: 'string', default: '1' },
});
const kills = wholeNumberOf('--kills', values.kills, 1, 100_000);
const seed = wholeNumberOf('--seed', values.seed, 0, 1_000_000_000);
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
