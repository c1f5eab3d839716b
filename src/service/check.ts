// Looks at everything an account's rotation depends on and says what is wrong, with a remedy. Changes nothing.
import type { App } from '../compose.ts';
import { asRotationError } from '../rotation/errors.ts';
import type { Account, Observation, Slot } from '../rotation/model.ts';
import { SLOTS } from '../rotation/model.ts';
import { interpret, look, type Sighting } from '../rotation/observe.ts';
import type { ProbeResult } from '../rotation/ports.ts';

export interface Finding {
  /** Stable name, for instance `publishedIsLive`. */
  readonly check: string;
  readonly result: 'pass' | 'warning' | 'fail';
  readonly detail: string;
  readonly remedy?: string;
  readonly latencyMs?: number;
}

export interface CheckReport {
  readonly account: string;
  readonly isHealthy: boolean;
  readonly findings: readonly Finding[];
}

export async function checkAccount(app: App, account: Account): Promise<CheckReport> {
  const findings = await findingsOf(app, account);
  return { account: account.alias, isHealthy: findings.every(({ result }) => result !== 'fail'), findings };
}

async function findingsOf(app: App, account: Account): Promise<readonly Finding[]> {
  let sighting: Sighting;
  try {
    sighting = await look(account, app.ports, await app.ports.records.read(account));
  } catch (error) {
    const { service, operation, message } = asRotationError(error);
    return [fail(`${service}Reachable`, `${operation} failed.`, message)];
  }
  const seen = interpret(account, sighting);
  const probed = await Promise.all(SLOTS.map((slot) => probeSlot(app, account, sighting, slot)));
  return [
    pass('keysListed', `key1 is ${seen.keys.key1}, key2 is ${seen.keys.key2}.`),
    ...probed.map(({ slot, result, latencyMs }) => keyFinding(seen, slot, result, latencyMs)),
    publishedFinding(seen),
    announcedFinding(seen),
    recordFinding(seen),
  ];
}

async function probeSlot({ ports, clock }: App, account: Account, { keys }: Sighting, slot: Slot) {
  const startedAt = clock.now();
  const result = await ports.probes.probe(account, keys[slot]);
  return { slot, result, latencyMs: clock.now() - startedAt };
}

const PROBE_REMEDIES: Readonly<Record<ProbeResult['finding'], string>> = {
  live: '',
  liveOutOfQuota: 'Raise the quota or the pricing tier.',
  dead: 'A fresh key may need time; if it stays rejected, regenerate it.',
  throttled: 'Check again after the time that the service asks for.',
  deniedByNetwork: "Allow the Function App's outbound addresses or subnet in the account's network rules.",
  keyAuthenticationOff: 'Keys are switched off (disableLocalAuth): use Entra sign-in, or switch keys on.',
  wrongEndpoint: "Check the account's kind and endpoint.",
  unreachable: "Check DNS, private endpoints and the account's network rules.",
  notUnderstood: 'No probe is known for this kind of account; report the kind.',
};

function keyFinding(
  seen: Observation,
  slot: Slot,
  { verdict, finding, status, detail }: ProbeResult,
  latencyMs: number,
): Finding {
  const isPublished = seen.published.state === 'live' && seen.published.slot === slot;
  const role = isPublished ? 'published' : 'not published';
  const answer = status === undefined ? '' : ` (status ${status})`;
  const text = `${slot} (${role}) is ${verdict}: ${finding}${answer}${detail === undefined ? '' : `, ${detail}`}.`;
  if (verdict === 'accepted') return { ...pass(`${slot}Accepted`, text), latencyMs };
  const result = isPublished ? 'fail' : 'warning';
  return { check: `${slot}Accepted`, result, detail: text, remedy: PROBE_REMEDIES[finding], latencyMs };
}

function publishedFinding({ published, keys }: Observation): Finding {
  const check = 'publishedIsLive';
  switch (published.state) {
    case 'live':
      return pass(check, `Version ${published.version} holds ${published.slot} (${keys[published.slot]}).`);
    case 'dead':
      return fail(
        check,
        `Version ${published.version} holds a value that is no live key.`,
        'The next pass publishes the live key of its slot; POST rotate runs one now.',
      );
    case 'none':
      return warning(check, 'The secret does not exist yet.', 'The next pass adopts the account and publishes it.');
    case 'disabled':
      return fail(
        check,
        'The newest version of the secret is disabled.',
        'Enable it, or publish a live key by hand; it is never overwritten by the service.',
      );
    case 'foreign':
      return fail(
        check,
        `Version ${published.version} holds a value that is neither of the keys and not ours.`,
        'Put a live key into the secret, or name another secret for the account; it is never overwritten by the service.',
      );
  }
}

function announcedFinding({ announced }: Observation): Finding {
  const check = 'announcedIsInLine';
  if (announced.state === 'unknown')
    return fail(
      check,
      'App Configuration could not be read.',
      'Check the endpoint and the role App Configuration Data Owner.',
    );
  const wrong = [announced.isReferenceInLine ? [] : ['reference'], announced.isFlagInLine ? [] : ['flag']].flat();
  if (wrong.length === 0) return pass(check, 'Reference and flag stand for the published version.');
  return warning(
    check,
    `Not in line with the published version: ${wrong.join(', ')}.`,
    'The next pass brings them in line.',
  );
}

function recordFinding({ record, published }: Observation): Finding {
  const check = 'recordFollows';
  if (record.state === 'unreadable')
    return fail(check, `The record cannot be understood: ${record.detail}.`, 'See RecordUnreadable in the runbook.');
  if (record.state === 'absent') return warning(check, 'The account is not adopted yet.', 'The next pass adopts it.');
  const isFollowed = published.state === 'live' && published.version === record.record.published.version;
  return isFollowed
    ? pass(check, `Phase ${record.record.phase}, rotation ${record.record.rotationId}.`)
    : warning(check, 'The record has not followed the newest version.', 'The next pass follows it.');
}

function pass(check: string, detail: string): Finding {
  return { check, result: 'pass', detail };
}

function warning(check: string, detail: string, remedy: string): Finding {
  return { check, result: 'warning', detail, remedy };
}

function fail(check: string, detail: string, remedy: string): Finding {
  return { check, result: 'fail', detail, remedy };
}
