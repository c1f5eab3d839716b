// The freeze of the whole fleet, as operators see it, set it and end it.
// It must not hold or wake an account: passes read the freeze themselves. An emergency never waits for it.

import { allEnded } from '../base/lanes.ts';
import type { Log } from '../base/log.ts';
import { readFreeze } from '../config/fleet.ts';
import { FREEZE_KEY } from '../config/raw-key-value.ts';
import { dueAt } from '../rotation/decide/schedule.ts';
import { RotationError } from '../rotation/errors.ts';
import type { Account } from '../rotation/model.ts';
import type { StatusRow } from '../rotation/ports.ts';
import type { CampaignParts } from './campaign/ports.ts';
import type { FreezeChange, FreezePort, StoredFreeze } from './ports.ts';

/** The parts that the freeze needs. */
export interface FreezeParts extends Pick<CampaignParts, 'fleet' | 'ports' | 'clock' | 'campaigns'> {
  readonly freeze: FreezePort;
}

export interface Freeze {
  readonly isFrozen: boolean;
  /** When the key-value last changed; absent if there is none. */
  readonly changedAt?: number;
  /** Absent if another program has made the last change. */
  readonly changed?: FreezeChange;
}

export type FreezeWish = Omit<FreezeChange, 'at'>;

/** How often the write is tried if others write the key-value at the same moment. */
const ATTEMPTS = 5;
/**
 * The store notes the time of a change by its own clock, after the service did by its own. A longer span means that
 * another program has changed the key-value since, and has kept its tags.
 */
const NOTED_WITHIN_MS = 60_000;

export async function showFreeze({ freeze }: FreezeParts): Promise<Freeze> {
  return freezeOf(await freeze.read());
}

/** Sets or ends the freeze, once. Nothing changes if it is in force already. Throws `RotationError`. */
export async function setFreeze(
  { freeze, clock }: FreezeParts,
  wish: FreezeWish,
  log: Log,
): Promise<Freeze & { readonly isChanged: boolean }> {
  for (let attempt = 1; ; attempt++) {
    const stored = await freeze.read();
    if (isInForce(stored, wish.isFrozen)) return { ...freezeOf(stored), isChanged: false };
    try {
      const written = await freeze.write({ ...wish, at: clock.now() }, stored);
      const { isFrozen, by, reason } = wish;
      log('warn', 'freeze', { state: isFrozen ? 'frozen' : 'ended', by, reason });
      return { ...freezeOf(written), isChanged: true };
    } catch (error) {
      if (!(error instanceof RotationError) || error.code !== 'LostRace' || attempt === ATTEMPTS) throw error;
    }
  }
}

/** An unreadable value counts as frozen, but is not in force: it is to be corrected. */
function isInForce({ value }: StoredFreeze, isFrozen: boolean): boolean {
  const { isFrozen: present, problems } = readFreeze(value);
  return present === isFrozen && problems.length === 0;
}

function freezeOf({ value, changedAt, noted }: StoredFreeze): Freeze {
  const { isFrozen } = readFreeze(value);
  const isCurrent =
    noted !== undefined &&
    changedAt !== undefined &&
    noted.isFrozen === isFrozen &&
    Math.abs(changedAt - noted.at) < NOTED_WITHIN_MS;
  return {
    isFrozen,
    ...(changedAt === undefined ? {} : { changedAt }),
    ...(isCurrent ? { changed: noted } : {}),
  };
}

/** What would follow from setting or ending the freeze now. */
export interface FreezePlan {
  /** As it is now. */
  readonly present: Freeze;
  readonly isFrozen: boolean;
  readonly isChanged: boolean;
  readonly calls: readonly string[];
  /** Aliases of accounts whose rotation has begun. */
  readonly underWay: readonly string[];
  /** Aliases of accounts at rest whose next rotation is due. Other holds may apply to them. */
  readonly due: readonly string[];
  /** How many campaigns are under way. */
  readonly campaigns: number;
}

export async function planFreeze(parts: FreezeParts, isFrozen: boolean): Promise<FreezePlan> {
  const { freeze, ports, campaigns, clock } = parts;
  const [stored, { accounts }, rows, all] = await allEnded([
    freeze.read(),
    parts.fleet(),
    ports.records.listStatus(),
    campaigns.list(),
  ]);
  const isChanged = !isInForce(stored, isFrozen);
  const status = new Map(rows.map((row) => [row.accountId, row]));
  const now = clock.now();
  const rotating = accounts.filter(({ policy }) => !policy.isObserveOnly);
  const aliasesOf = (is: (account: Account, row: StatusRow) => boolean): readonly string[] =>
    rotating.flatMap((account) => {
      const row = status.get(account.id);
      return row !== undefined && is(account, row) ? [account.alias] : [];
    });
  return {
    present: freezeOf(stored),
    isFrozen,
    isChanged,
    calls: isChanged ? [`App Configuration: set ${FREEZE_KEY} to ${String(isFrozen)}`] : [],
    underWay: aliasesOf((_, { record }) => record.state === 'present' && record.record.phase !== 'idle'),
    due: aliasesOf(
      ({ policy }, { record }) =>
        record.state === 'present' && record.record.phase === 'idle' && dueAt(record.record, policy) <= now,
    ),
    campaigns: all.filter(({ campaign: { state } }) => state === 'creating' || state === 'running').length,
  };
}
