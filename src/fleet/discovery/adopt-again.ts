// An account that was deleted and made again under its name is another account: the record of the former account says
// nothing about it. Its last check is removed and its record closed, so that the next pass adopts it like a new
// account, without rotation.
// It must not touch Azure: secret, reference and flag follow from the adoption.

import { asRotationError } from '../../rotation/errors.ts';
import type { Account } from '../../rotation/model.ts';
import type { DiscoveryParts } from './ports.ts';

/** Returns false if it must be tried again: a pass is under way, or the table did not accept the write. */
export async function startAnew(parts: DiscoveryParts, account: Account): Promise<boolean> {
  const { records } = parts.ports;
  const now = parts.clock.now();
  try {
    await parts.checks.forget(account);
    const { etag, entity, record } = await records.read(account);
    if (etag === undefined || record.state !== 'present') return true;
    const { lease } = entity;
    if (lease !== undefined && now < lease.expiresAt + account.policy.clockSkewMs) return false;
    const closed = {
      lease: undefined,
      record: undefined,
      nextObservationAt: now,
      lastPass: undefined,
      revision: entity.revision + 1,
    };
    // Conditional: a pass that has begun since loses its next write, and with it the right to act.
    await records.write(account, etag, { entity: closed, closes: [], history: [], at: now });
    return true;
  } catch (error) {
    if (asRotationError(error).service === 'table') return false;
    throw error;
  }
}
