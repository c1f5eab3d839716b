// The finding about holders: resources outside the vault that hold a key of the account, or point at its secret.
// It searches all configured kinds again, and keeps the holders that it finds unless nothing may be written. It must not change a holder.
import type { AccountHolders, KnownHolder } from '../../holders/model.ts';
import { isForPerson } from '../../holders/requirement.ts';
import { searchNow } from '../../holders/view.ts';
import type { Account, Fingerprint, RotationRecord, Slot } from '../../rotation/model.ts';
import type { Finding } from '../answers/check.ts';
import { pass, warning } from './findings.ts';
import type { CheckParts } from './ports.ts';

export interface SeenForHolders {
  readonly keys: Readonly<Record<Slot, Fingerprint>>;
  readonly record: RotationRecord | undefined;
}

const CHECK = 'holders';

/** None while no kind is searched. */
export async function holderFindings(
  { holders, clock }: CheckParts,
  account: Account,
  seen: SeenForHolders | undefined,
  isKept: boolean,
): Promise<readonly Finding[]> {
  if (holders === undefined || seen === undefined) return [];
  const known = await searchNow({ ...holders, clock }, account, seen, isKept);
  if (known === undefined) {
    return [warning(CHECK, 'The stored row of the holders could not be read.', 'Check again in a few minutes.')];
  }
  return findingsOf(known);
}

function findingsOf({ holders, unseen, unseenCount }: AccountHolders): readonly Finding[] {
  const [first] = unseen;
  const hidden =
    first === undefined
      ? []
      : [
          warning(
            CHECK,
            `${unseenCount} resources could not be looked into, so they may hold a key: ${unseen.map(({ resource, cause }) => `${resource} (${cause})`).join('; ')}.`,
            'Grant the role of the kind at its scope, or narrow the scopes in HOLDERS.',
          ),
        ];
  const forPerson = holders.filter(isForPerson);
  const others = holders.filter((holder) => !isForPerson(holder));
  const followed =
    others.length === 0 && forPerson.length === 0 && first === undefined
      ? [pass(CHECK, NONE)]
      : others.map((holder) => pass(CHECK, `${named(holder)} ${STANDS[holder.standing.state]}.`));
  return [...hidden, ...forPerson.map(personFinding), ...followed];
}

const NONE = 'Nothing in the scopes of HOLDERS points at the secret or holds a key of the account.';

const STANDS: Readonly<Record<KnownHolder['standing']['state'], string>> = {
  follows: 'points at the secret, and is brought along',
  pinned: 'points at one version of the secret, and never follows',
  copy: 'holds a copy of a key',
  formerCopy: 'holds a copy of a key that was renewed',
  otherValue: 'holds neither of the keys',
  unseen: 'could not be read',
};

function personFinding(holder: KnownHolder): Finding {
  const { standing } = holder;
  const cause = standing.state === 'unseen' ? ` (${standing.cause})` : '';
  return warning(CHECK, `${named(holder)} ${STANDS[standing.state]}${cause}.`, REMEDIES[standing.state]);
}

const REMEDIES: Readonly<Record<KnownHolder['standing']['state'], string>> = {
  follows: 'Nothing is needed.',
  pinned: 'Remove the version from the reference.',
  copy: 'Put a reference to the secret in its place, or a managed identity without any key.',
  formerCopy: 'Put a reference to the secret in its place, or a managed identity without any key.',
  otherValue: 'Find out which key it uses; put a reference to the secret in its place.',
  unseen: 'Grant the role of its kind, or look at it by hand.',
};

function named({ kind, resource, name }: KnownHolder): string {
  return `${kind} ${resource}#${name}`;
}
