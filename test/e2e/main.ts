// `npm run soak -- [--kills N] [--seed N]`: kills the host N times under load and prints what was found as one JSON line.
import { parseArgs } from 'node:util';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
/** What the host said last, shown when something is found wrong. */
const lines: string[] = [];
const LINES_KEPT = 200;
const report = await soak({
  kills: Number(values.kills),
  seed: Number(values.seed),
  onKill: (kill, at) => process.stderr.write(`kill ${kill} after ${at}\n`),
  onLine: ({ level, message }) => {
    lines.push(`${level} ${message}`);
    if (lines.length > LINES_KEPT) lines.shift();
  },
});
if (report.findings.length > 0) process.stderr.write(`${lines.join('\n')}\n`);
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(report.findings.length === 0 ? 0 : 1);
