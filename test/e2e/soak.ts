// Kills the host again and again in the middle of its work, and cuts connections, while applications call; then looks at
// what is left. Bounded in kills and in time. It must not help the service: a killed host is started again, that is all.

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
  readonly kills: number;
  readonly faults: number;
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
  const stage = await setStage({
    accounts: demoAccounts(ACCOUNTS),
    policy: SOAK_POLICY,
    latencyMs: LATENCY_MS,
    lagMs: LAG_MS,
    onLine,
  });
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
      onKill?.(kill, await liveAndDie(stage, 1 + Math.floor(random() * REQUESTS_MAXIMUM), random()));
    }
    stage.azure.faults.clear();
    const findings = await restAndAudit(stage);
    const { rotations, application } = totals(stage, findings.rotations);
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    return { seed, kills, faults, rotations, application, findings: findings.found, seconds };
  } finally {
    await stage.close();
  }
}

/** The table has no pass of its own to land late in: its proxy only cuts. */
function faultFor(service: LocalService, fault: WireFault): WireFault {
  return service === 'table' && fault.kind === 'landLate' ? { kind: 'applyThenCut' } : fault;
}

const PORT_TRIES = 5;

/** A port that was free a moment ago may be some connection's by now. */
async function startOnFreePort(stage: Stage): Promise<Child> {
  for (let tries = 1; ; tries++) {
    try {
      return await stage.startHost(await freePort());
    } catch (error) {
      const isPortTaken = error instanceof Error && error.message.includes('is in use');
      if (!isPortTaken || tries === PORT_TRIES) throw error;
    }
  }
}

/** Starts a host and kills it after so many of its requests, a moment later or sooner. Answers the request that was last. */
async function liveAndDie(stage: Stage, requests: number, moment: number): Promise<string> {
  const host = await startOnFreePort(stage);
  let left = requests;
  let last = 'nothing';
  let reached: () => void = () => undefined;
  const met = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const stop = stage.azure.onRequest(({ caller, service, operation }) => {
    if (caller !== undefined) return;
    last = `${service} ${operation}`;
    left--;
    if (left === 0) reached();
  });
  await Promise.race([met, delay(LIFE_MAXIMUM_MS)]);
  await delay(moment * LATENCY_MS);
  stop();
  await host.kill();
  return last;
}

/** Lets a last host finish what is under way, then looks at everything. */
async function restAndAudit(stage: Stage): Promise<{ found: readonly string[]; rotations: number }> {
  const host = await startOnFreePort(stage);
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
