// `npm run soak -- [--kills N] [--seed N]`: kills the host N times under load and prints what was found as one JSON line.
import { parseArgs } from 'node:util';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const report = await soak({
  kills: Number(values.kills),
  seed: Number(values.seed),
  onKill: (kill, at) => process.stderr.write(`kill ${kill} after ${at}\n`),
});
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(report.findings.length === 0 ? 0 : 1);
