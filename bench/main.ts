// `npm run bench -- [--json] [--only NAME]`: prints figures and ratios; asserts nothing.
import { parseArgs } from 'node:util';
import { measureLoadTime } from './load-time.ts';

type Figures = Readonly<Record<string, number | string>>;

const BENCHMARKS: Readonly<Record<string, () => Promise<Figures>>> = {
  loadTime: async () => ({ ...(await measureLoadTime()) }),
};

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, only: { type: 'string' } } });
const names = Object.keys(BENCHMARKS).filter((name) => values.only === undefined || name === values.only);
if (names.length === 0) {
  process.stderr.write(
    `There is no benchmark "${values.only ?? ''}"; there are: ${Object.keys(BENCHMARKS).join(', ')}.\n`,
  );
  process.exit(2);
}
const results: Record<string, Figures> = {};
for (const name of names) {
  const figures = await BENCHMARKS[name]?.();
  if (figures === undefined) continue;
  results[name] = figures;
  const text = Object.entries(figures).map(([figure, value]) => `${figure} ${value}`);
  if (!values.json) process.stdout.write(`${name}: ${text.join(', ')}\n`);
}
if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
