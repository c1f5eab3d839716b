// Kills the host again and again in the middle of its work, and cuts connections, while applications call; then looks at
// what is left. Some hosts start while the dead one still has the lock of the timers, and some run into the time-out of
// functions. Bounded in kills and in time. It must not help the service: a killed host is started again, that is all.

import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import type { LocalService, WireFault } from '../../local/azure/local-azure.ts';
import { freePort } from '../../local/azure/ports.ts';
import { mulberry32 } from '../../local/azure/world/mulberry32.ts';
import type { Child } from '../../local/start/children.ts';
import type { LogLine } from '../../local/start/events.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { type Stage, setStage } from '../../local/start/stage.ts';
import { composeApp } from '../../src/compose.ts';
import { auditAccounts } from './audit.ts';

export interface SoakOptions {
  readonly kills: number;
  readonly seed: number;
  readonly onKill?: (kill: number, at: string) => void;
  /** Lines of the host's log: what a finding is explained by. */
  readonly onLine?: (line: LogLine) => void;
}

export interface SoakReport {
  readonly seed: number;
  /** Hosts that were killed. */
  readonly kills: number;
  readonly faults: number;
  /** Hosts whose timers came back when the lock of a dead host had run out, and workers replaced after a time-out. */
  readonly lateTimers: number;
  readonly timeouts: number;
  readonly rotations: number;
  readonly application: { readonly requests: number; readonly failures: number };
  /** What was found wrong afterwards; empty when all is well. */
  readonly findings: readonly string[];
  readonly seconds: number;
}

/**
 * A lease of two seconds, so that a killed pass holds up its account only briefly. Many attempts: a few kills right after
 * an intent would look like a provider whose regenerate has no effect, and rightly wait for somebody.
 */
const SOAK_POLICY = {
  ...DEMO_POLICY,
  rotationInterval: 'PT7S',
  overlapMinimum: 'PT2S',
  overlapMaximum: 'PT3S',
  lease: 'PT2S',
  callDeadline: 'PT1S',
  clockSkew: 'PT0.2S',
  settle: 'PT3.5S',
  backOffMaximum: 'PT2S',
  spread: 'PT1S',
  activationFor: 'PT1S',
  confirmOver: 'PT1S',
  attemptsMaximum: 100,
};
/** Shorter than `activationFor`: applications fail no call then, whatever node they meet. */
const LAG_MS = 500;

const LATENCY_MS = 16;
const ACCOUNTS = 3;
/** A host that has nothing to do is killed after this long. */
const LIFE_MAXIMUM_MS = 4_000;
const REQUESTS_MAXIMUM = 45;
const REST_TIMEOUT_MS = 60_000;

/** One host in so many starts with the lock still held, and one runs into the time-out. */
const SPECIAL_EVERY = 16;
const LATE_AT = 4;
const TIMEOUT_AT = 8;
/** The shortest lock that a host takes, in seconds. */
const LOCK = { AzureFunctionsJobHost__singleton__listenerLockPeriod: '00:00:15' };
/** What is left of a dead host's lock at least: it was renewed at most five seconds before. */
const LOCK_LEFT_MS = 10_000;
/** A dead host's lock, and one more period until the next host asks again. */
const LATE_MAXIMUM_MS = 45_000;
/** Shorter than a pass whose calls take `SLOW_MS` each, which is less than `callDeadline`. */
const TIMEOUT = { AzureFunctionsJobHost__functionTimeout: '00:00:02' };
const SLOW_MS = 700;
const SLOW_SERVICES = ['arm', 'keyVault', 'appConfiguration', 'table'] as const;
const TIMEOUT_MAXIMUM_MS = 20_000;

const FAULTS: readonly WireFault[] = [{ kind: 'applyThenCut' }, { kind: 'refuse' }, { kind: 'landLate', ms: 700 }];
const TARGETS: readonly (readonly [LocalService, string])[] = [
  ['arm', 'regenerateKey'],
  ['arm', 'listKeys'],
  ['keyVault', 'setSecret'],
  ['keyVault', 'updateSecret'],
  ['appConfiguration', 'setKeyValue'],
  ['table', 'transaction'],
];

export async function soak({ kills, seed, onKill, onLine = () => undefined }: SoakOptions): Promise<SoakReport> {
  const startedAt = Date.now();
  const random = mulberry32(seed);
  const heard = new Set<(line: LogLine) => void>();
  const stage = await setStage({
    accounts: demoAccounts(ACCOUNTS),
    policy: SOAK_POLICY,
    latencyMs: LATENCY_MS,
    lagMs: LAG_MS,
    onLine: (line) => {
      onLine(line);
      for (const hear of heard) hear(line);
    },
  });
  const soaking: Soaking = { stage, heard, findings: [], hosts: 0, died: 0, killedAt: 0, lateTimers: 0, timeouts: 0 };
  let faults = 0;
  try {
    for (let kill = 1; kill <= kills; kill++) {
      if (random() < 0.5) {
        faults++;
        const [service, operation] = TARGETS[Math.floor(random() * TARGETS.length)] ??
          TARGETS[0] ?? ['arm', 'listKeys'];
        const fault = FAULTS[Math.floor(random() * FAULTS.length)] ?? { kind: 'refuse' };
        stage.azure.faults.add({ service, operation, times: 1, fault: faultFor(service, fault) });
      }
      // Not within the call of `onKill`: without a listener, nothing of the call would happen.
      const at = await liveAndDie(soaking, kill, 1 + Math.floor(random() * REQUESTS_MAXIMUM), random());
      onKill?.(kill, at);
    }
    stage.azure.faults.clear();
    const rested = await restAndAudit(soaking);
    const { rotations, application } = totals(stage, rested.rotations);
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    const findings = [...soaking.findings, ...rested.found];
    const { died, lateTimers, timeouts } = soaking;
    return { seed, kills: died, faults, lateTimers, timeouts, rotations, application, findings, seconds };
  } finally {
    await stage.close();
  }
}

interface Soaking {
  readonly stage: Stage;
  /** Each hears the lines of the host. */
  readonly heard: Set<(line: LogLine) => void>;
  readonly findings: string[];
  /** Started so far. Each has a lock of its own, unless it is to find the lock of the dead one. */
  hosts: number;
  died: number;
  /** When the last host was killed. */
  killedAt: number;
  lateTimers: number;
  timeouts: number;
}

/** True when a line of the host matches in time. */
function hears({ heard }: Soaking, pattern: RegExp, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isHeard: boolean): void => {
      clearTimeout(timer);
      heard.delete(hear);
      resolve(isHeard);
    };
    const hear = ({ message }: LogLine): void => {
      if (pattern.test(message)) end(true);
    };
    const timer = setTimeout(end, withinMs, false);
    heard.add(hear);
  });
}

/** The table has no pass of its own to land late in: its proxy only cuts. */
function faultFor(service: LocalService, fault: WireFault): WireFault {
  return service === 'table' && fault.kind === 'landLate' ? { kind: 'applyThenCut' } : fault;
}

const PORT_TRIES = 5;

/** A port that was free a moment ago may be some connection's by now. */
async function startOnFreePort(soaking: Soaking, settings = {}): Promise<{ host: Child; port: number }> {
  const hostId = { AzureFunctionsWebHost__hostid: `soak-${soaking.hosts}` };
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    try {
      return { host: await soaking.stage.startHost(port, { ...LOCK, ...hostId, ...settings }), port };
    } catch (error) {
      const isPortTaken = error instanceof Error && error.message.includes('is in use');
      if (!isPortTaken || tries === PORT_TRIES) throw error;
    }
  }
}

/** Starts a host and kills it after so many of its requests, a moment later or sooner. Answers the request that was last. */
async function liveAndDie(soaking: Soaking, kill: number, requests: number, moment: number): Promise<string> {
  const { stage } = soaking;
  const isLate = kill % SPECIAL_EVERY === LATE_AT;
  const isSlow = kill % SPECIAL_EVERY === TIMEOUT_AT;
  if (!isLate) soaking.hosts++;
  const { host, port } = await startOnFreePort(soaking, isSlow ? TIMEOUT : {});
  if (isLate) await waitForTimers(soaking, port);
  if (isSlow) await runIntoTimeout(soaking);
  let left = requests;
  let last = 'nothing';
  let reached: () => void = () => undefined;
  const met = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const stop = stage.azure.onRequest(({ caller, service, operation }) => {
    // What the host asks of its own storage is no work.
    if (caller !== undefined || service === 'queue' || service === 'blob') return;
    last = `${service} ${operation}`;
    left--;
    if (left === 0) reached();
  });
  await Promise.race([met, delay(LIFE_MAXIMUM_MS)]);
  await delay(moment * LATENCY_MS);
  stop();
  await host.kill();
  soaking.killedAt = Date.now();
  soaking.died++;
  return last;
}

/** HTTP answers while the dead host still has the lock; the timers come when it has run out. */
async function waitForTimers(soaking: Soaking, port: number): Promise<void> {
  const timers = hears(soaking, TICK, LATE_MAXIMUM_MS).then((isHeard) => ({ isHeard, at: Date.now() }));
  const answer = await fetch(`http://127.0.0.1:${port}/api/accounts`).catch(() => undefined);
  await answer?.arrayBuffer();
  if (answer?.status !== 200) soaking.findings.push(`HTTP is not back after a crash: ${answer?.status ?? 'no answer'}`);
  const { isHeard, at } = await timers;
  if (!isHeard) soaking.findings.push('the timers did not come back when the lock had run out');
  else if (at < soaking.killedAt + LOCK_LEFT_MS) soaking.findings.push('the timers ran under the lock of a dead host');
  else soaking.lateTimers++;
}

const TICK = /Executing 'Functions\.reconcile-on-schedule'/;

/** Slow services let a pass run into the time-out of functions; the worker is replaced in the middle of its work. */
async function runIntoTimeout(soaking: Soaking): Promise<void> {
  const { faults } = soaking.stage.azure;
  const ends = SLOW_SERVICES.map((service) => faults.add({ service, fault: { kind: 'delay', ms: SLOW_MS } }));
  const isReplaced = await hears(soaking, /Timeout value of/, TIMEOUT_MAXIMUM_MS);
  for (const end of ends) end();
  if (!isReplaced) soaking.findings.push('no function ran into the time-out');
  else if (await hears(soaking, TICK, TIMEOUT_MAXIMUM_MS)) soaking.timeouts++;
  else soaking.findings.push('no worker came after the one that was replaced');
}

/** Lets a last host finish what is under way, then looks at everything. */
async function restAndAudit(soaking: Soaking): Promise<{ found: readonly string[]; rotations: number }> {
  const { stage } = soaking;
  soaking.hosts++;
  const { host } = await startOnFreePort(soaking);
  const before = completed(stage);
  const app = composeApp(stage.environment);
  const until = Date.now() + REST_TIMEOUT_MS;
  while (Date.now() < until && !completed(stage).every((count, index) => count > (before[index] ?? 0)))
    await delay(200);
  const isDone = completed(stage).every((count, index) => count > (before[index] ?? 0));
  await restOf(stage, host);
  const audited = await auditAccounts(stage, app);
  const found = isDone
    ? audited.found
    : ['not every account completed a rotation after the last kill', ...audited.found];
  const { failures, requests } = stage.journal.totals();
  const applications = failures === 0 ? [] : [`${failures} of ${requests} application calls failed`];
  return { found: [...applications, ...found], rotations: audited.rotations };
}

function completed(stage: Stage): readonly number[] {
  return stage.journal.summary().map(({ rotations }) => rotations);
}

/** Ends the host in order, which lets a pass under way end. */
async function restOf(stage: Stage, host: Child): Promise<void> {
  await host.stop();
  await stage.applications.stop();
}

function totals(stage: Stage, rotations: number): Pick<SoakReport, 'rotations' | 'application'> {
  return { rotations, application: stage.journal.totals() };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
