// The metadata of a published version: tags, content type, expiry. The first three tags have the names of Microsoft's
// samples for accounts with two keys, so that tools made for those samples understand ours.
// It must not call Key Vault.
import type { Installation } from '../../config/installation.ts';
import type { Account } from '../../rotation/model.ts';
import type { HeldMarks, PublishContent, SecretTags } from '../../rotation/ports.ts';

export const TAGS = {
  slot: 'CredentialId',
  account: 'ProviderAddress',
  validity: 'ValidityPeriodDays',
  rotation: 'RotationId',
  fingerprint: 'Fingerprint',
  installation: 'RotatedBy',
} as const;

/** The value is the bare key, as every program that reads it expects. A content type that others gave is kept. */
export const CONTENT_TYPE = 'text/plain';

const REJECTED = `${CONTENT_TYPE}; rejected-at=`;

/**
 * The content type of a version whose value the data plane rejected at `rejectedAt`. Not a tag: a PATCH that names tags
 * replaces all of them, and would need a read of the tags that others have set.
 */
export function rejectedContentType(rejectedAt: number): string {
  return REJECTED + new Date(rejectedAt).toISOString();
}

/** The instant in ISO 8601; undefined when the content type is not our mark. */
export function rejectedAtOf(contentType: string | undefined): string | undefined {
  return contentType?.startsWith(REJECTED) === true ? contentType.slice(REJECTED.length) : undefined;
}

/** The SDK truncates the expiry to 32 bits: 2038-01-19T03:14:07Z is the last instant that survives. */
const LATEST_EXPIRY = Date.UTC(2038, 0, 18);
const DAY_MS = 86_400_000;
/** Key Vault's maximum for one version. Tags of others beyond it are left out, the last ones first. */
const TAGS_MAXIMUM = 15;
const OWN: ReadonlySet<string> = new Set(Object.values(TAGS));
/** Key Vault's older limit for a tag's value, which the newer documentation has raised. */
const TAG_LENGTH_MAXIMUM = 256;

export function tagsOf(
  account: Account,
  { slot, rotationId, validityMs, value, held }: PublishContent,
  installation: Installation,
): Record<string, string> {
  return {
    ...held?.tags,
    [TAGS.slot]: slot,
    [TAGS.account]: accountTagOf(account),
    [TAGS.validity]: String(Math.max(1, Math.round(validityMs / DAY_MS))),
    [TAGS.rotation]: String(rotationId),
    [TAGS.fingerprint]: value.fingerprint,
    [TAGS.installation]: installation.name,
  };
}

export interface Marks {
  readonly tags?: Readonly<Record<string, string>>;
  readonly contentType?: string;
}

/** The marks of others on a version: their tags as far as they fit next to ours, and a content type that is not ours. */
export function heldOf({ tags, contentType = '' }: Marks): HeldMarks {
  const others = Object.entries(tags ?? {}).filter(([name]) => !OWN.has(name));
  const isOurs = ['', CONTENT_TYPE].includes(contentType) || contentType.startsWith(REJECTED);
  return {
    tags: Object.fromEntries(others.slice(0, TAGS_MAXIMUM - OWN.size)),
    ...(isOurs ? {} : { contentType }),
  };
}

export function readTags(account: Account, { tags, contentType }: Marks, installation: Installation): SecretTags {
  const slot = tags?.[TAGS.slot];
  const named = tags?.[TAGS.account]?.toLowerCase();
  const accountId = named === accountTagOf(account) ? account.id : named;
  const rejectedAt = rejectedAtOf(contentType);
  const otherInstallation = otherThan(installation, tags?.[TAGS.installation]);
  return {
    ...(slot === 'key1' || slot === 'key2' ? { slot } : {}),
    ...(accountId === undefined ? {} : { accountId }),
    ...(rejectedAt === undefined ? {} : { rejectedAt }),
    ...(otherInstallation === undefined ? {} : { otherInstallation }),
  };
}

/** Versions of earlier releases name no installation. */
export function otherThan(reader: Installation, publisher: string | undefined): SecretTags['otherInstallation'] {
  // Azure compares names of tables without regard to case.
  const own = [reader.name, reader.former].map((name) => name?.toLowerCase());
  const isOther = publisher !== undefined && !own.includes(publisher.toLowerCase());
  return isOther ? { publisher, reader: reader.name } : undefined;
}

/** An id of the greatest length does not fit. `readTags` restores the part that was cut off. */
function accountTagOf(account: Account): string {
  return account.id.slice(0, TAG_LENGTH_MAXIMUM);
}

export function expiryOf(expiresAt: number): Date {
  return new Date(Math.min(expiresAt, LATEST_EXPIRY));
}
