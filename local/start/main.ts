// `npm start`: a local Azure, the host with the built app, and an application per account that never stops calling.
// It starts everything, shows a timeline, and ends everything in any case.
import { demoAccounts } from '../azure/demo-accounts.ts';
import { requireFreePorts } from '../azure/ports.ts';
import { Emergencies } from './emergencies.ts';
import { type Flags, readFlags } from './flags.ts';
import type { Journal } from './journal.ts';
import { leakCommand, reportOf } from './report.ts';
import { DEMO_POLICY } from './seed.ts';
import { abortOf, endOf } from './signals.ts';
import { type Stage, setStage } from './stage.ts';
import { Timeline } from './timeline.ts';

const ONCE_TIMEOUT_MS = 85_000;
const ASK_TIMEOUT_MS = 5_000;

async function main(): Promise<number> {
  const flags = readFlags();
  const ended = endOf();
  try {
    await requireFreePorts([flags.port], '--port');
    return await show(flags, ended);
  } catch (error) {
    // Ctrl-C reaches every process. A start that fails for that reason is no failure.
    if (ended.aborted) return 0;
    throw error;
  }
}

async function show(flags: Flags, ended: AbortSignal): Promise<number> {
  const startedAt = Date.now();
  const out = flags.isJson ? process.stderr : process.stdout;
  const timeline = new Timeline((line) => out.write(`${line}\n`), startedAt);
  const emergencies = new Emergencies(requestsAt(flags.port), (...line) => timeline.say(...line));
  ended.addEventListener('abort', () => timeline.say('', 'end', 'ends every process that it started'));
  let waitsFor = '';
  timeline.neverSilent(() => timeline.say('', 'wait', `still for ${waitsFor}`));
  const stage = await setStage({
    accounts: demoAccounts(flags.accounts),
    policy: DEMO_POLICY,
    latencyMs: flags.latencyMs,
    // The demo shows and counts the timer's passes. Each event would add a pass of its own.
    hasEvents: false,
    signal: ended,
    onWait: (what) => {
      waitsFor = what;
      timeline.say('', 'wait', `for ${what}`);
    },
    onLine: ({ event, level, message }) => {
      if (event === undefined) {
        if (level === 'error' || level === 'critical') timeline.say('host', 'failed', message);
        return;
      }
      void emergencies.note(event);
      timeline.showEvent(event);
    },
  });
  try {
    return await run(flags, stage, timeline, ended, startedAt);
  } finally {
    timeline.close();
    await stage.close();
  }
}

/** Asks the service for the requests of an account. */
function requestsAt(port: number) {
  return async (account: string): Promise<unknown> => {
    const url = `http://127.0.0.1:${port}/api/accounts/${account}/requests`;
    return (await fetch(url, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) })).json();
  };
}

async function run(
  flags: Flags,
  stage: Stage,
  timeline: Timeline,
  ended: AbortSignal,
  startedAt: number,
): Promise<number> {
  const { journal, applications } = stage;
  const host = await stage.startHost(flags.port);
  const count = flags.accounts === 1 ? 'one account' : `${flags.accounts} accounts`;
  timeline.say('', 'host', `on http://localhost:${flags.port}, ${count}, each with an application that calls it`);
  timeline.say('', 'page', `watch and act on http://localhost:${flags.port}/api/page`);
  const [first = ''] = journal.summary().map(({ account }) => account);
  timeline.say('', 'try', `report a leaked key, in another terminal: ${leakCommand(flags.port, first)}`);
  timeline.neverSilent(() => {
    const { requests, failures } = journal.totals();
    timeline.say('applications', 'calls', `${requests} calls, ${failures} failures`);
  });
  const goal = flags.isOnce ? [allRotated(journal)] : [];
  const reason = await Promise.race([abortOf(ended), applications.died, host.died, ...goal]);
  timeline.close();
  process.stdout.write(reportOf(flags, journal.summary(), Date.now() - startedAt));
  if (reason === undefined) return flags.isOnce && !isGood(journal) ? 1 : 0;
  process.stderr.write(`${reason}\n`);
  return 1;
}

/** Resolves with undefined when every account has completed a rotation, or with the reason when time is up. */
function allRotated(journal: Journal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      const late = journal.summary().filter(({ rotations }) => rotations === 0);
      const names = late.map(({ account }) => account).join(', ');
      resolve(`Not rotated within ${ONCE_TIMEOUT_MS / 1000} seconds: ${names}.`);
    }, ONCE_TIMEOUT_MS);
    journal.onRotated = () => {
      if (!journal.areAllRotated) return;
      clearTimeout(timer);
      resolve(undefined);
    };
  });
}

function isGood(journal: Journal): boolean {
  return journal.summary().every(({ rotations, keysRenewed, supersededRejected, application }) => {
    return rotations > 0 && keysRenewed === 2 && supersededRejected && application.failures === 0;
  });
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${message.split('\n')[0] ?? message}\n`);
    process.exit(1);
  },
);
