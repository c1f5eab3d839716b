// Checks everything that an account's rotation depends on. Each fault is a finding with a remedy. Changes nothing
// but the row of the account's holders.
// It must not store its findings: on-request.ts does. plan.ts lists its calls.

import { BOUNDS } from '../../base/bounds.ts';
import { allEnded } from '../../base/lanes.ts';
import { asRotationError } from '../../rotation/errors.ts';
import type { Account, Observation, Policy, Published, Slot } from '../../rotation/model.ts';
import { SLOTS } from '../../rotation/model.ts';
import { asResolved } from '../../rotation/pass/ambiguous.ts';
import { interpret, look, type Sighting } from '../../rotation/pass/observe.ts';
import { withPlace } from '../../rotation/pass/record.ts';
import type { KeyPair, ProbeResult, StoredEntity } from '../../rotation/ports.ts';
import type { BlockedReason } from '../../rotation/reasons.ts';
import { recordOf } from '../../rotation/working-place.ts';
import type { CheckReport, Finding } from '../answers/check.ts';
import { fail, pass, warning } from './findings.ts';
import { holderFindings, type SeenForHolders } from './holders.ts';
import type { CheckParts } from './ports.ts';
import { checkPosture, type PostureSubject } from './posture.ts';

export interface CheckOptions {
  /** Also look for either key in the other secrets of the vault. */
  readonly isVaultSearched: boolean;
  /** Holders that are found are not kept. */
  readonly keepsNothing?: true;
}

export async function checkAccount(parts: CheckParts, account: Account, options: CheckOptions): Promise<CheckReport> {
  const seen = await lookAround(parts, account);
  const [{ findings, isReadyForKeyless, address }, elsewhere, held] = await allEnded([
    checkPosture(parts, { account, ...seen }),
    otherSecrets(parts, account, options.isVaultSearched ? seen.keys : undefined),
    holderFindings(parts, account, seen.forHolders, options.keepsNothing !== true),
  ]);
  const all = [...seen.findings, ...findings, ...elsewhere, ...held];
  return {
    account: account.alias,
    isHealthy: all.every(({ result }) => result !== 'fail'),
    isReadyForKeyless,
    ...address,
    ...(seen.keys === undefined ? {} : { keys: fingerprintsOf(seen.keys) }),
    findings: all,
  };
}

function fingerprintsOf({ key1, key2 }: KeyPair): Readonly<Record<Slot, string>> {
  return { key1: key1.fingerprint, key2: key2.fingerprint };
}

interface Seen {
  readonly findings: readonly Finding[];
  readonly keys: KeyPair | undefined;
  readonly published: KeyPair[Slot] | undefined;
  readonly network: PostureSubject['network'];
  /** Absent if the world could not be read. */
  readonly forHolders?: SeenForHolders;
}

/** The world as a pass sees it, and a probe of each key. */
async function lookAround(parts: CheckParts, configured: Account): Promise<Seen> {
  let account = configured;
  let sighting: Sighting;
  try {
    const stored = await parts.ports.records.read(configured);
    account = withPlace(configured, stored);
    sighting = await look(account, parts.ports, stored);
  } catch (error) {
    const finding = unreachable(error);
    return { findings: [finding], keys: undefined, published: undefined, network: 'open' };
  }
  const seen = interpret(account, sighting);
  const probed = settled(await allEnded(SLOTS.map((slot) => probeSlot(parts, account, sighting, slot))), seen.keys);
  const findings = [
    pass('keysListed', `key1 is ${seen.keys.key1}, key2 is ${seen.keys.key2}.`),
    ...probed.map(({ slot, result, latencyMs }) => keyFinding(seen, account.policy, slot, result, latencyMs)),
    publishedFinding(seen),
    announcedFinding(seen),
    blockFinding(sighting.stored.entity.lastPass, probed) ?? recordFinding(seen),
  ];
  return {
    findings,
    keys: sighting.keys,
    published: seen.published.state === 'live' ? sighting.keys[seen.published.slot] : undefined,
    forHolders: { keys: seen.keys, record: recordOf(seen) },
    network: probed.some(({ result }) => result.finding === 'deniedByNetwork')
      ? 'closed'
      : probed.every(({ result }) => result.finding === 'deadOrKeptOut')
        ? 'closedOrDead'
        : 'open',
  };
}

/** If one key is accepted, an ambiguous answer to the other one is a rejection. */
function settled(probed: readonly Probed[], keys: Observation['keys']): readonly Probed[] {
  const verdicts = new Map(
    probed.map(({ slot, result }) => [keys[slot], { verdict: result.verdict, inARow: 1 }] as const),
  );
  return probed.map((one) => ({ ...one, result: asResolved(one.result, keys[one.slot], verdicts, keys) }));
}

function unreachable(error: unknown): Finding {
  const { service, operation, message } = asRotationError(error);
  return fail(`${service}Reachable`, `${operation} failed.`, message);
}

async function otherSecrets(
  parts: CheckParts,
  account: Account,
  keys: KeyPair | undefined,
): Promise<readonly Finding[]> {
  const check = 'otherSecrets';
  // The search was not requested, or the keys could not be read. Then another finding says why they are missing.
  if (keys === undefined) return [];
  try {
    const { holders, searched, unreadable, isComplete } = await parts.vaultSearch.search(
      account,
      keys,
      BOUNDS.vaultSecretsSearched,
    );
    const bounds = [
      `${searched} other secrets were searched`,
      ...(unreadable > 0 ? [`${unreadable} could not be read`] : []),
      ...(isComplete ? [] : ['more were left out']),
    ].join(', ');
    if (holders.length === 0) return [pass(check, `No other secret holds a key: ${bounds}.`)];
    const named = holders.map(({ name, slots }) => `${name} (${slots.join(', ')})`).join('; ');
    const remedy =
      'A rotation cuts off applications that read them: move these applications to the published secret first.';
    return [warning(check, `Other secrets hold a key: ${named}; ${bounds}.`, remedy)];
  } catch (error) {
    const { message } = asRotationError(error);
    return [warning(check, 'The other secrets of the vault could not be searched.', message)];
  }
}

interface Probed {
  readonly slot: Slot;
  readonly result: ProbeResult;
  readonly latencyMs: number;
}

async function probeSlot(
  { ports, clock }: CheckParts,
  account: Account,
  { keys }: Sighting,
  slot: Slot,
): Promise<Probed> {
  const startedAt = clock.now();
  const result = await ports.probes.probe(account, keys[slot]);
  return { slot, result, latencyMs: clock.now() - startedAt };
}

const PROBE_REMEDIES: Readonly<Record<ProbeResult['finding'], string>> = {
  live: '',
  liveOutOfQuota: 'Raise the quota or the pricing tier.',
  dead: 'A fresh key may need time; if it stays rejected, regenerate it.',
  throttled: 'Check again after the time that the service asks for.',
  deniedByNetwork: 'See the finding `networkRules`.',
  deadOrKeptOut: 'If the other key is accepted, this one is dead. If neither is, see the finding `networkRules`.',
  keyAuthenticationOff: 'Keys are switched off (disableLocalAuth): use Entra sign-in, or switch keys on.',
  wrongEndpoint: "Check the account's kind and endpoint.",
  unreachable: "Check DNS, private endpoints and the account's network rules.",
  notUnderstood: "Check the account's kind and endpoint, and the version of the probe (docs/kinds.md).",
  noProof: 'See the finding `keyProof`.',
};

function keyFinding(
  seen: Observation,
  { verification }: Policy,
  slot: Slot,
  { verdict, finding, status, detail }: ProbeResult,
  latencyMs: number,
): Finding {
  const isPublished = seen.published.state === 'live' && seen.published.slot === slot;
  const role = isPublished ? 'published' : 'not published';
  const answer = status === undefined ? '' : ` (status ${status})`;
  const text = `${slot} (${role}) is ${verdict}: ${finding}${answer}${detail === undefined ? '' : `, ${detail}`}.`;
  if (verdict === 'accepted') return { ...pass(`${slot}Accepted`, text), latencyMs };
  const isListingEnough = finding === 'noProof' && verification === 'listing';
  const result = isPublished && !isListingEnough ? 'fail' : 'warning';
  return { check: `${slot}Accepted`, result, detail: text, remedy: PROBE_REMEDIES[finding], latencyMs };
}

function publishedFinding({ published, keys }: Observation): Finding {
  const check = 'publishedIsLive';
  switch (published.state) {
    case 'unknown':
      return fail(check, 'Key Vault could not be read.', 'See the finding about Key Vault.');
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
      return foreignFinding(check, published);
  }
}

function foreignFinding(
  check: Finding['check'],
  { version, installations }: Published & { state: 'foreign' },
): Finding {
  return installations === undefined
    ? fail(
        check,
        `Version ${version} holds a value that is neither of the keys and not ours.`,
        'Put a live key into the secret, or name another secret for the account; it is never overwritten by the service.',
      )
    : fail(
        check,
        `Version ${version} was published by another installation of this service: ${installations.publisher}. This is ${installations.reader}.`,
        `Take the account out of one of the two; if this one replaces the other, set FORMER_INSTALLATION to ${installations.publisher}.`,
      );
}

function announcedFinding({ announced }: Observation): Finding {
  const check = 'announcedIsInLine';
  if (announced.state === 'unknown')
    return fail(check, 'App Configuration could not be read.', announced.cause ?? 'Run the check again.');
  const wrong = [announced.isReferenceInLine ? [] : ['reference'], announced.isFlagInLine ? [] : ['flag']].flat();
  if (wrong.length === 0) return pass(check, 'Reference and flag stand for the published version.');
  return warning(
    check,
    `Not in line with the published version: ${wrong.join(', ')}.`,
    'The next pass brings them in line.',
  );
}

/** The blocks that end by themselves as soon as the data plane accepts the keys. */
const ENDS_WITH_ACCEPTANCE: ReadonlySet<string> = new Set<BlockedReason>([
  'AdoptionKeyNotAccepted',
  'RepairKeyNotAccepted',
  'PublishedKeyNotAccepted',
  'NewKeyNotAccepted',
]);

/** Undefined unless the last pass was blocked. A block is a failure, except when its cause has ended since. */
function blockFinding(
  lastPass: StoredEntity['lastPass'],
  probed: readonly { readonly result: ProbeResult }[],
): Finding | undefined {
  if (lastPass?.isBlocked !== true) return undefined;
  const { reason, since } = lastPass;
  const detail = `Passes are blocked by ${reason} since ${new Date(since).toISOString()}.`;
  const isOver = ENDS_WITH_ACCEPTANCE.has(reason) && probed.every(({ result }) => result.verdict === 'accepted');
  if (isOver) return warning('recordFollows', detail, 'Both keys are accepted now: the next pass goes on.');
  return fail('recordFollows', detail, `See ${reason} in the runbook, and the findings about the keys.`);
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
