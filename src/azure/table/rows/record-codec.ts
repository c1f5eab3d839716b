// The stored form of a record: JSON next to a schema number, parsed strictly when it is read.
// It must not throw or guess. A record that this version does not understand, newer or damaged, is `unreadable` and
// stays in the table as it is. Strict, because a field that is dropped here would be lost with the next write.
import * as z from 'zod';
import type { RecordRead, RotationRecord } from '../../../rotation/model.ts';
import type { PassSummary } from '../../../rotation/ports.ts';
import { START_REASONS } from '../../../rotation/reasons.ts';

/**
 * Raised when a stored field changes its meaning. Not for a new optional field: an older version that meets the field
 * calls the record unreadable, as it must.
 */
export const SCHEMA = 1;

const slot = z.enum(['key1', 'key2']);
const nonEmpty = z.string().min(1);
const instant = z.number();
const count = z.int().nonnegative();

const publishedVersion = z.strictObject({ slot, version: nonEmpty, fingerprint: nonEmpty });
const sacrifice = z.strictObject({ slot, before: nonEmpty, attemptAt: instant });
const place = z
  .strictObject({
    vaultUrl: nonEmpty,
    secretName: nonEmpty,
    referenceKey: nonEmpty,
    flagName: nonEmpty,
    label: nonEmpty.optional(),
  })
  // JSON drops a label that is not set. A place says so: laid over an account, it takes away the label of another place.
  .transform(({ label, ...names }) => ({ ...names, label }));
const former = z.strictObject({ place, accountId: nonEmpty.optional(), since: instant.optional() });
const base = {
  place: place.optional(),
  former: former.optional(),
  rotationId: count,
  published: publishedVersion,
  sacrifice: sacrifice.optional(),
};
const overlap = { superseded: publishedVersion, since: instant, rolledBack: z.boolean(), versions: z.array(nonEmpty) };

const record = z.discriminatedUnion('phase', [
  z.strictObject({
    ...base,
    phase: z.literal('idle'),
    rotatedAt: instant,
    jitterMs: z.number(),
    standby: nonEmpty.optional(),
    adoptedAt: instant.optional(),
    standbyApprovedAt: instant.optional(),
    last: z
      .strictObject({
        rotationId: count,
        outcome: z.enum(['completed', 'rolledBack']),
        provenAt: instant.optional(),
      })
      .optional(),
  }),
  z.strictObject({
    ...base,
    phase: z.literal('preparing'),
    reason: z.enum(START_REASONS),
    requestId: nonEmpty.optional(),
    before: nonEmpty,
    attemptAt: instant,
    attempts: count,
  }),
  z.strictObject({ ...base, ...overlap, phase: z.literal('propagating') }),
  z.strictObject({
    ...base,
    ...overlap,
    phase: z.literal('retiring'),
    enteredAt: instant,
    rejectedSince: instant.optional(),
    acceptedAt: instant.optional(),
    attemptAt: instant.optional(),
    attempts: count,
  }),
]);

const passSummary = z.object({
  at: instant,
  reason: z.string(),
  isBlocked: z.boolean(),
  since: instant,
  detail: z.string().optional(),
  failures: count,
  interrupted: z.object({ reason: z.string(), since: instant }).optional(),
});

export function encodeRecord(value: RotationRecord): string {
  return JSON.stringify(value);
}

/** Reads the columns `schema` and `record`; no record at all is `absent`. */
export function decodeRecord(schema: unknown, json: unknown): RecordRead {
  if (schema !== SCHEMA) {
    return unreadable(`schema: this version understands ${SCHEMA}, stored is ${describe(schema)}.`);
  }
  if (json === undefined || json === null) return { state: 'absent' };
  const parsed = parseJson(json);
  if (parsed === undefined) return unreadable('record: not JSON.');
  const result = record.safeParse(parsed);
  if (!result.success) return unreadable(`record${describeIssue(result.error)}`);
  // The brands of the model exist at compile time only.
  return { state: 'present', record: result.data as RotationRecord };
}

export function encodeSummary(summary: PassSummary): string {
  return JSON.stringify(summary);
}

/** For people only, so a summary that cannot be read counts as absent. */
export function decodeSummary(json: unknown): PassSummary | undefined {
  const result = passSummary.safeParse(parseJson(json));
  return result.success ? result.data : undefined;
}

export function unreadable(detail: string): RecordRead & { state: 'unreadable' } {
  return { state: 'unreadable', detail };
}

/** Names the first wrong field and its expected form, never its content. */
export function describeIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return ': not understood.';
  const path = issue.path.map((part) => `.${String(part)}`).join('');
  return `${path}: ${issue.code === 'unrecognized_keys' ? `unknown field ${issue.keys.join(', ')}` : issue.message}.`;
}

function parseJson(json: unknown): unknown {
  try {
    return typeof json === 'string' ? JSON.parse(json) : undefined;
  } catch {
    return undefined;
  }
}

function describe(schema: unknown): string {
  return typeof schema === 'number' || typeof schema === 'bigint' ? String(schema) : 'no number';
}
