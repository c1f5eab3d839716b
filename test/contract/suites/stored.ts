// What the suites about records store: literal rows, and ways to vary them.
import type {
  Fingerprint,
  OwnerId,
  PropagatingRecord,
  RequestId,
  RotationId,
  SecretVersion,
} from '../../../src/rotation/model.ts';
import type { HistoryEntry, RecordWrite, StoredEntity } from '../../../src/rotation/ports.ts';

export const NOW = Date.UTC(2030, 5, 1);

export const RECORD: PropagatingRecord = {
  phase: 'propagating',
  rotationId: 3 as RotationId,
  published: {
    slot: 'key2',
    version: '22222222222222222222222222222222' as SecretVersion,
    fingerprint: 'bbbbbbbbbbbbbbbb' as Fingerprint,
  },
  superseded: {
    slot: 'key1',
    version: '11111111111111111111111111111111' as SecretVersion,
    fingerprint: 'aaaaaaaaaaaaaaaa' as Fingerprint,
  },
  since: NOW,
  rolledBack: false,
  versions: ['22222222222222222222222222222222' as SecretVersion],
};

export function entity(changes: Partial<StoredEntity> = {}): StoredEntity {
  return {
    lease: { owner: 'owner-1' as OwnerId, expiresAt: NOW + 120_000 },
    record: RECORD,
    nextObservationAt: NOW + 3_600_000,
    lastPass: { at: NOW, reason: 'OverlapNotOver', isBlocked: false, since: NOW - 5, failures: 0 },
    revision: 1,
    ...changes,
  };
}

export function change(changes: Partial<RecordWrite> = {}): RecordWrite {
  return { entity: entity(), closes: [], history: [], at: NOW, ...changes };
}

export function line(at: number, kind: HistoryEntry['kind'], changes: Partial<HistoryEntry> = {}): HistoryEntry {
  return { at, kind, rotationId: 3 as RotationId, ...changes };
}

export const ROTATE = {
  id: 'request-1' as RequestId,
  kind: 'rotate',
  reason: 'because',
  by: 'somebody@example.org',
  at: NOW,
} as const;
export const COMPROMISED = {
  ...ROTATE,
  id: 'request-2' as RequestId,
  kind: 'compromised',
  fingerprint: 'aaaaaaaaaaaaaaaa' as Fingerprint,
  overlapMs: 60_000,
} as const;
