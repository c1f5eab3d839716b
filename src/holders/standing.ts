// How a holder that was read stands to an account: follows its secret, holds a copy of a key, or neither.
// Pure. Values are compared by fingerprint only. It must not decide whether the holder is brought along.
import type { Fingerprint, Slot } from '../rotation/model.ts';
import { SLOTS } from '../rotation/model.ts';
import type { HolderContent, HolderState, KnownHolder } from './model.ts';

/** What distinguishes an account from others. */
export interface Subject {
  /** `https://host[:port]`, no trailing slash. */
  readonly vaultUrl: string;
  readonly secretName: string;
  readonly keys: Readonly<Record<Slot, Fingerprint>>;
  /** Lower-cased hosts of the account's own; none if it shares that of its region, or if they are not needed. */
  readonly hosts: readonly string[];
}

/** What was known of the holder. */
export type Former = Pick<KnownHolder, 'held' | 'written'>;

/** Undefined if the holder has nothing to do with the account. `former` is absent if it was not known. */
export function standingOf(content: HolderContent, subject: Subject, former?: Former): HolderState | undefined {
  const isKnown = former !== undefined;
  switch (content.has) {
    case 'reference':
      return referenceStanding(content, subject) ?? (isKnown ? { state: 'otherValue' } : undefined);
    case 'value': {
      const slot = SLOTS.find((name) => subject.keys[name] === content.fingerprint);
      if (slot !== undefined) return { state: 'copy', slot };
      if (isOurs(content.fingerprint, former)) return { state: 'formerCopy' };
      return isKnown || isSentTo(content, subject) ? { state: 'otherValue' } : undefined;
    }
    case 'unseen':
      return isKnown || isSentTo(content, subject) ? { state: 'unseen', cause: content.cause } : undefined;
  }
}

/** Whether it was seen with the value as a copy of a key, or was sent it. */
function isOurs(value: Fingerprint, former: Former | undefined): boolean {
  return former?.held === value || former?.written?.includes(value) === true;
}

/** The value to remember of a holder that was read. */
export function heldIn(content: HolderContent, standing: HolderState, former?: Former): Pick<Former, 'held'> {
  if (standing.state === 'copy' && content.has === 'value') return { held: content.fingerprint };
  return former?.held === undefined ? {} : { held: former.held };
}

/** What was known, without evidence that the present content contradicts. */
export function withoutContradicted<T extends KnownHolder | undefined>(
  content: HolderContent,
  standing: HolderState,
  known: T,
): T | Omit<KnownHolder, 'evidence'> {
  if (known === undefined) return known;
  const { evidence, ...rest } = known;
  if (evidence === undefined) return known;
  const isOther = content.has === 'value' && content.fingerprint !== known.held;
  const isElsewhere = standing.state === 'pinned' && standing.pinnedTo !== evidence.version;
  if (!isOther && !isElsewhere && standing.state !== 'otherValue') return known;
  return rest;
}

function referenceStanding(
  { vaultUrl, secretName, pinnedTo }: HolderContent & { has: 'reference' },
  subject: Subject,
): HolderState | undefined {
  const isItsSecret =
    vaultUrl.toLowerCase() === subject.vaultUrl.toLowerCase() &&
    secretName.toLowerCase() === subject.secretName.toLowerCase();
  if (!isItsSecret) return undefined;
  return pinnedTo === undefined ? { state: 'follows' } : { state: 'pinned', pinnedTo };
}

function isSentTo({ sentTo }: { readonly sentTo?: string }, { hosts }: Subject): boolean {
  return sentTo !== undefined && hosts.includes(sentTo);
}

/** Whether nothing that this service does makes the holder use the published key: a person must look. */
export function needsPerson({ state }: HolderState, canBeBrought: boolean): boolean {
  switch (state) {
    case 'pinned':
    case 'otherValue':
    case 'unseen':
      return true;
    case 'follows':
      return false;
    case 'copy':
    case 'formerCopy':
      return !canBeBrought;
  }
}
