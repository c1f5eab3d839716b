// Records the fleet after a tick in a fixed number of series: accounts by state, and the ages of their keys.
// Ages are recorded as statistics: a series per account would be ten thousand series for a large fleet.
// It must not read anything: the tick passes in the rows of the table.

import type { Meter } from '@opentelemetry/api';
import { isOverdueAt } from '../rotation/decide/schedule.ts';
import type { RotationRecord } from '../rotation/model.ts';
import { blockReasonOf } from '../rotation/pass/record.ts';
import { ACCOUNT_PHASES, type AccountPhase, BLOCKED_REASONS } from '../rotation/reasons.ts';
import type { FleetEntry } from './exporting.ts';

export function createFleetMetrics(meter: Meter): (fleet: readonly FleetEntry[], now: number) => void {
  const gauge = (name: string, description: string, unit = '{account}') =>
    meter.createGauge(`key_rotation.${name}`, { description, unit });
  const accounts = gauge('accounts', 'Accounts by phase.');
  const blocked = gauge('accounts.blocked', 'Accounts that cannot go on, by reason.');
  const failing = gauge('accounts.failing', 'Accounts whose last pass failed.');
  const overdue = gauge('accounts.overdue', 'Accounts whose rotation, or phase, should long be over.');
  const accepted = gauge('accounts.superseded_key_still_accepted', 'Accounts whose superseded key is still accepted.');
  const age = gauge('key.age', 'Age of the published keys: median, p95 and maximum over the fleet.', 's');
  return (fleet, now) => {
    // Zero is recorded as well: a gauge without a new value would keep its last one.
    for (const phase of ACCOUNT_PHASES)
      accounts.record(
        count(fleet, (entry) => phaseOf(entry) === phase),
        { phase },
      );
    for (const reason of BLOCKED_REASONS) {
      blocked.record(
        count(fleet, (entry) => lastBlockOf(entry) === reason),
        { reason },
      );
    }
    failing.record(count(fleet, ({ row }) => (row?.lastPass?.failures ?? 0) > 0));
    overdue.record(count(fleet, (entry) => isOverdue(entry, now)));
    accepted.record(count(fleet, ({ row }) => row?.lastPass?.reason === 'SupersededKeyStillAccepted'));
    const ages = fleet.flatMap((entry) => ageOf(recordOf(entry), now)).sort((a, b) => a - b);
    for (const [statistic, share] of [
      ['median', 0.5],
      ['p95', 0.95],
      ['maximum', 1],
    ] as const) {
      const value = ages[Math.max(0, Math.ceil(share * ages.length) - 1)];
      if (value !== undefined) age.record(value, { statistic });
    }
  };
}

function count(fleet: readonly FleetEntry[], isCounted: (entry: FleetEntry) => boolean): number {
  return fleet.filter(isCounted).length;
}

function recordOf({ row }: FleetEntry): RotationRecord | undefined {
  return row?.record.state === 'present' ? row.record.record : undefined;
}

function phaseOf(entry: FleetEntry): AccountPhase {
  return recordOf(entry)?.phase ?? (entry.row?.record.state === 'unreadable' ? 'unreadable' : 'notAdopted');
}

/** A block seen before passes began to fail counts too. Unknown whether it still holds. */
function lastBlockOf({ row }: FleetEntry): string | undefined {
  return blockReasonOf(row) ?? row?.lastPass?.interrupted?.reason;
}

function isOverdue(entry: FleetEntry, now: number): boolean {
  const record = recordOf(entry);
  return record !== undefined && isOverdueAt(record, entry.account.policy, now);
}

/** Seconds since the published key was announced or, at rest, since its rotation was over. Unknown while preparing. */
function ageOf(record: RotationRecord | undefined, now: number): number[] {
  switch (record?.phase) {
    case 'idle':
      return [Math.max(0, now - record.rotatedAt) / 1000];
    case 'propagating':
    case 'retiring':
      return [Math.max(0, now - record.since) / 1000];
    case 'preparing':
    case undefined:
      return [];
  }
}
