// Rehearses an operator's wish: the steps and calls that would follow now, and the consumers that would be cut off.
// Changes nothing.
// It must not decide: the core's own rehearsal does, from a fresh observation.

import { allEnded } from '../../base/lanes.ts';
import { viewHolders } from '../../holders/view.ts';
import { type Rehearsal, rehearse } from '../../rotation/decide/rehearse.ts';
import type { ActingStep } from '../../rotation/decide/step.ts';
import type { Account, Observation, RequestId, Slot } from '../../rotation/model.ts';
import { interpret, look } from '../../rotation/pass/observe.ts';
import { withPlace } from '../../rotation/pass/record.ts';
import { type Place } from '../../rotation/place.ts';
import { formerAfterMove, recordOf } from '../../rotation/working-place.ts';
import type { ConsumerRisk, DryRun } from '../answers/requests.ts';
import type { RequestParts } from '../ports.ts';
import { holdersAnswer } from '../status/holders-status.ts';
import { type Asking, nameValue, requireAcceptable } from './ask.ts';
import { requireRequest, requireWithdrawable } from './withdraw.ts';

/** Throws `Refusal` if the real request would be refused. */
export async function dryRun(parts: RequestParts, { account: given, wish, by }: Asking): Promise<DryRun> {
  const view = await viewHolders(parts, given);
  const configured = view.account;
  const stored = view.stored(await parts.ports.records.read(configured));
  const account = withPlace(configured, stored);
  await requireAcceptable(parts, account, stored, wish);
  const seen = interpret(account, await look(account, parts.ports, stored));
  const fingerprint = wish.named === undefined ? {} : { fingerprint: nameValue(seen, wish.named) };
  const now = parts.clock.now();
  const imagined = { id: IMAGINED, ...wish, by, at: now, ...fingerprint };
  const rehearsal = rehearsed(parts, account, { ...seen, requests: [...seen.requests, imagined] });
  return view.isOn ? { ...rehearsal, holders: holdersAnswer(view.known) } : rehearsal;
}

/** The dry run of a pause or of its end. */
export async function dryRunOfPause(parts: RequestParts, account: Account, isPaused: boolean): Promise<DryRun> {
  const stored = await parts.ports.records.read(account);
  const placed = withPlace(account, stored);
  const seen = interpret(placed, await look(placed, parts.ports, stored));
  return rehearsed(parts, placed, { ...seen, isPaused });
}

/** The dry run of a withdrawal: what follows without the request. Throws `Refusal` if the withdrawal would be refused. */
export async function dryRunOfWithdrawal(parts: RequestParts, configured: Account, id: RequestId): Promise<DryRun> {
  const { records } = parts.ports;
  const [stored, request] = await allEnded([records.read(configured), requireRequest(parts, configured, id)]);
  const account = withPlace(configured, stored);
  await requireWithdrawable(parts, account, stored, request);
  const seen = interpret(account, await look(account, parts.ports, stored));
  return rehearsed(parts, account, { ...seen, requests: seen.requests.filter((entry) => entry.id !== id) });
}

const IMAGINED = 'dry-run' as RequestId;

function rehearsed(parts: RequestParts, account: Account, imagined: Observation): DryRun {
  return describe(account, imagined, rehearse(imagined, account.policy, parts.clock.now()));
}

const iso = (instant: number): string => new Date(instant).toISOString();

function describe(account: Account, seen: Observation, rehearsal: Rehearsal): DryRun {
  const { steps, waits, end, endAt } = rehearsal;
  const cut = cutOf(seen, rehearsal);
  return {
    account: account.alias,
    steps: steps.map(({ at, step }) => ({
      at: iso(at),
      step: step.kind,
      ...('slot' in step ? { slot: step.slot } : {}),
      ...(step.kind === 'publish' ? { reason: step.reason } : {}),
      calls: callsOf(account, step, leftBy(seen, account)),
    })),
    waits: waits.map(({ from, until, reason }) => ({ from: iso(from), until: iso(until), reason })),
    ...(end === undefined
      ? {}
      : {
          end: {
            at: iso(endAt),
            reason: end.reason,
            isBlocked: end.isBlocked,
            ...(end.detail === undefined ? {} : { detail: end.detail }),
          },
        }),
    consumers: account.policy.consumers.map((consumer) => ({ consumer, ...riskOf(account, cut) })),
    others: othersOf(cut),
    ...outcomeOf(rehearsal),
  };
}

function outcomeOf({ steps }: Rehearsal): Pick<DryRun, 'outcome'> {
  const closings = steps.flatMap(({ step }) => ('closes' in step ? step.closes : []));
  const outcome = closings.find(({ id }) => id === IMAGINED)?.outcome;
  return outcome === undefined ? {} : { outcome };
}

/** The place that the account leaves now, or has left. */
function leftBy(seen: Observation, account: Account): Place {
  const record = recordOf(seen);
  return (record === undefined ? undefined : formerAfterMove(record, seen.place)?.place) ?? account;
}

function callsOf({ name, ...account }: Account, step: ActingStep, left: Place): readonly string[] {
  const { secretName, referenceKey, flagName } = 'at' in step ? left : account;
  switch (step.kind) {
    case 'probe':
      return [`AI services: one harmless call to ${name} with ${keyNamed(step.fingerprint)}`];
    case 'readSupersededVersion':
      return [`Key Vault: get the superseded version of the secret ${secretName}`];
    case 'publish':
      return [`Key Vault: set the secret ${secretName}`];
    case 'announceReference':
      return [`App Configuration: set ${referenceKey}`];
    case 'announceFlag':
      return [`App Configuration: set the feature flag ${flagName}`];
    case 'regenerate':
      return ['Table: write the record', `Azure Resource Manager: regenerate ${step.slot} of ${name}`];
    case 'sacrifice':
      return [
        'Table: write the record',
        `Azure Resource Manager: regenerate ${step.slot} of ${name}, although it may be published`,
      ];
    case 'disable':
      return [`Key Vault: disable the superseded version of the secret ${secretName}`];
    case 'record':
      return ['Table: write the record'];
  }
}

/** A key that does not exist yet has no fingerprint. */
function keyNamed(fingerprint: string): string {
  return /^[0-9a-f]{16}$/.test(fingerprint) ? `the key ${fingerprint}` : 'the new key';
}

/** What happens to the key that applications use now. */
interface Cut {
  /** When it dies; undefined if it does not. */
  readonly at: number | undefined;
  /** Time between the publication of another key and its death; 0 without a publication. */
  readonly overlapMs: number;
  /** When the other slot, whose key no application should use, is first regenerated. */
  readonly standbyAt: number | undefined;
  /** The role of the key in the other slot. */
  readonly standby: 'standby' | 'superseded';
  /** How sentences name the key that applications are to take. */
  readonly taken: string;
  /** It dies because an operator asked for it, although no other key can be published. */
  readonly isSacrificed: boolean;
}

function cutOf({ published, record }: Observation, { steps }: Rehearsal): Cut {
  // If the secret does not show the published slot, the record's slot counts.
  const recorded = record.state === 'present' ? record.record.published.slot : undefined;
  const slot = published.state === 'live' ? published.slot : recorded;
  const sacrifice = steps.find(({ step }) => step.kind === 'sacrifice' && step.slot === slot);
  const deathOf = (isMeant: (slot: Slot) => boolean): number | undefined =>
    steps.find(({ step }) => (step.kind === 'regenerate' || step.kind === 'sacrifice') && isMeant(step.slot))?.at;
  const at = deathOf((regenerated) => regenerated === slot);
  const publishedAt = steps.find(({ step }) => step.kind === 'publish' && step.slot !== slot)?.at;
  const overlapMs = at === undefined || publishedAt === undefined ? 0 : at - publishedAt;
  const isOverlap = record.state === 'present' && 'superseded' in record.record;
  const isRollBack = steps.some(({ step }) => step.kind === 'publish' && step.reason === 'RollBackRequested');
  return {
    at,
    overlapMs,
    standbyAt: deathOf((regenerated) => regenerated !== slot),
    standby: isOverlap ? 'superseded' : 'standby',
    taken: isRollBack ? 'the key that is published again' : 'the new key',
    isSacrificed: sacrifice !== undefined,
  };
}

function riskOf({ policy }: Account, { at, overlapMs, taken, isSacrificed }: Cut): Omit<ConsumerRisk, 'consumer'> {
  if (at === undefined) {
    return { risk: 'none', detail: 'The key that is published now is not regenerated without its acknowledgement.' };
  }
  if (isSacrificed) {
    return {
      risk: 'cutOff',
      detail: `The key that it uses dies at ${iso(at)}: calls fail until another is published.`,
    };
  }
  if (overlapMs < policy.overlapMinimumMs) {
    return { risk: 'cutOff', detail: `The key that it uses dies at ${iso(at)}: calls fail until it has refreshed.` };
  }
  return {
    risk: 'cutOffUnlessRefreshed',
    detail: `It has until ${iso(at)} to take ${taken}; after that the policy proceeds without it.`,
  };
}

function othersOf({ at, standbyAt, standby: role, taken, isSacrificed }: Cut): string {
  const standby =
    standbyAt === undefined ? '' : `Applications that use the ${role} key are cut off at ${iso(standbyAt)}. `;
  const published =
    at === undefined
      ? 'The key that is published now stays.'
      : isSacrificed
        ? `Applications that use the leaked key are cut off at ${iso(at)}, until another key can be published.`
        : `Applications that have not taken ${taken} by ${iso(at)} are cut off then.`;
  return `${standby}${published}`;
}
