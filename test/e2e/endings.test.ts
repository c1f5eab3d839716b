// Commands that are ended leave nothing behind. A few moments and ways here; ENDINGS=all tries all of them.
import { expect, it } from 'vitest';
import { freePort } from '../../local/azure/ports.ts';
import { type Ending, restOf, type Way } from './endings.ts';

const START = ['start', '--', '--accounts', '1', '--port'];
const WAYS: readonly Way[] = ['terminal', 'closed', 'SIGTERM to npm', 'npm is killed', 'run.mjs is killed'];
/** npm says what it runs; the host serves; the first key is regenerated. */
const MOMENTS = ['', 'watch and act on', 'gets a new value'];
/** Later than the first output: this process must be there. */
const LATE_WAYS: readonly Way[] = ['the script is killed'];

const start = (moment: string, way: Way): Ending => ({ command: START, moment, way });
const azure = (way: Way): Ending => ({ command: ['run', 'azure'], moment: '"clients"', way });
const doctor = (way: Way): Ending => ({ command: ['run', 'doctor', '--', '--local'], moment: 'doctor/main.ts', way });

const FEW = [
  start('', 'terminal'),
  start('watch and act on', 'SIGTERM to npm'),
  start('gets a new value', 'the script is killed'),
  azure('closed'),
];
const ALL = [
  ...MOMENTS.flatMap((moment) => WAYS.map((way) => start(moment, way))),
  ...LATE_WAYS.flatMap((way) => MOMENTS.slice(1).map((moment) => start(moment, way))),
  ...[...WAYS, ...LATE_WAYS].map(azure),
  ...WAYS.slice(0, 3).map(doctor),
];

const STACK = /^\s+at .*:\d+:\d+\)?$/m;

// Processes are found in /proc.
it.skipIf(process.platform !== 'linux').each(process.env['ENDINGS'] === 'all' ? ALL : FEW)(
  'npm $command.0 $command.1, ended at "$moment" ($way), leaves no process, no port, no file and no stack trace',
  async ({ command, moment, way }) => {
    const port = await freePort();
    const ends = command === START ? [...command, String(port)] : command;
    const { processes, files, output } = await restOf({ command: ends, moment, way });
    expect({ processes, files }, output).toEqual({ processes: [], files: [] });
    expect(output).not.toMatch(STACK);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
  },
);
