// `npm run bench`: prints figures and ratios; asserts nothing. With `--save` the figures
// are kept under bench/results and the plots of docs/performance.md are drawn again.
import { readCommand } from '../local/command-line.ts';
import type { Benchmark, Figures } from './benchmark.ts';
import { measureCalls } from './calls.ts';
import { measureCampaign } from './campaign.ts';
import { measureFirstAnswer } from './first-answer.ts';
import { measureIdleTick } from './idle-tick.ts';
import { measureLoadTime } from './load-time.ts';
import { measureReaction } from './reaction.ts';
import { save } from './save.ts';
import { measureThroughput } from './throughput.ts';
import { measureWallTime } from './wall-time.ts';

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  calls: {
    measure: measureCalls,
    plot: {
      title: 'Calls for each renewed key',
      unit: 'calls',
      goal: 9,
      bars: [
        { figure: 'perRenewedKey', label: 'verified, announced, recorded' },
        { figure: 'samplePerRenewedKey', label: 'sample: written, no more' },
      ],
    },
  },
  wallTime: {
    measure: measureWallTime,
    plot: {
      title: 'One rotation without its waits, by the latency of each call',
      unit: 'ms',
      bars: [
        { figure: 'at0Ms', label: 'no latency' },
        { figure: 'at20Ms', label: '20 ms' },
        { figure: 'at100Ms', label: '100 ms' },
      ],
    },
  },
  idleTick: {
    measure: measureIdleTick,
    plot: {
      title: 'A tick of which nothing is due',
      unit: 'ms',
      bars: [
        { figure: 'ms10', label: '10 accounts' },
        { figure: 'ms1000', label: '1,000 accounts' },
        { figure: 'ms10000', label: '10,000 accounts' },
      ],
    },
  },
  campaign: {
    measure: measureCampaign,
    plot: {
      title: 'A campaign: keys renewed by what Azure Resource Manager allows',
      unit: '%',
      goal: 95,
      bars: [
        { figure: 'share1000in1', label: '1,000 accounts, 1 subscription' },
        { figure: 'share1000in10', label: '1,000 accounts, 10 subscriptions' },
        { figure: 'share10000in1', label: '10,000 accounts, 1 subscription' },
        { figure: 'share10000in10', label: '10,000 accounts, 10 subscriptions' },
        { figure: 'share10000in50', label: '10,000 accounts, 50 subscriptions' },
        { figure: 'wireShare', label: '200 accounts over the wire' },
      ],
    },
  },
  throughput: { measure: measureThroughput },
  loadTime: {
    measure: measureLoadTime,
    plot: {
      title: 'Loading the app, whole process',
      unit: 'ms',
      bars: [
        { figure: 'appMs', label: 'this app' },
        { figure: 'helloMs', label: 'bare hello world' },
      ],
    },
  },
  firstAnswer: {
    measure: measureFirstAnswer,
    plot: {
      title: 'Start of the host to the first answer',
      unit: 'ms',
      bars: [
        { figure: 'healthMs', label: 'GET api/health' },
        { figure: 'helloMs', label: 'bare hello world' },
      ],
    },
  },
  reaction: {
    measure: measureReaction,
    plot: {
      title: 'New secret version to the first call with the new key',
      unit: 'ms',
      bars: [
        { figure: 'medianMs', label: 'median' },
        { figure: 'slowestMs', label: 'slowest' },
      ],
    },
  },
};

const values = readCommand({
  name: 'npm run bench',
  does: 'measures the service on this machine, and prints figures and ratios. It judges nothing.',
  flags: {
    only: { kind: 'text', value: 'NAME', means: 'takes one benchmark', oneOf: Object.keys(BENCHMARKS) },
    json: { kind: 'switch', means: 'prints the figures as JSON' },
    save: {
      kind: 'switch',
      means: 'keeps the figures in bench/results, and draws the plots of docs/performance.md again',
    },
  },
  examples: ['npm run bench -- --only loadTime'],
});
const chosen = Object.entries(BENCHMARKS).filter(([name]) => values.only === undefined || name === values.only);
const results: Record<string, Figures> = {};
for (const [name, { measure }] of chosen) {
  const figures = await measure();
  results[name] = figures;
  const text = Object.entries(figures).map(([figure, value]) => `${figure} ${value}`);
  if (!values.json) process.stdout.write(`${name}: ${text.join(', ')}\n`);
}
if (values.save) process.stderr.write(`Saved as ${save(BENCHMARKS, results)}.\n`);
if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
process.exit(0);
