// Where accounts are searched by tag, and how the accounts found join those that are listed one by one.
// It must not search: it reads the document and the result of the last search.
import { hash } from 'node:crypto';
import * as z from 'zod';
import { defined } from '../../base/defined.ts';
import type { Account, AccountId } from '../../rotation/model.ts';
import { readDocument } from '../document.ts';
import { type Guide, type Problem, shownName } from '../problem.ts';
import { ACCOUNT_PREFIX, type AccountContext, readAccount } from './account.ts';
import type {
  AccountFacts,
  Discovered,
  DiscoveredAccount,
  DiscoveryReason,
  DiscoveryScope,
  KnownAccount,
} from './discovered-account.ts';

export const DISCOVERY_KEY = 'KeyRotation:Discovery';

/** A key-value of App Configuration holds 10 KB, with its key and its other fields. */
const SUBSCRIPTIONS_MAXIMUM = 240;
/** Tag names may hold more characters; these need escaping nowhere. */
const TAG = /^[A-Za-z0-9._-]{1,128}$/;

const SCHEMA: z.ZodType<DiscoveryScope> = z.strictObject({
  subscriptions: z.array(z.guid().toLowerCase()).min(1).max(SUBSCRIPTIONS_MAXIMUM),
  tag: z.string().regex(TAG).default('key-rotation'),
  ownerTag: z.string().regex(TAG).default('owner'),
});

const GUIDES: Readonly<Record<keyof DiscoveryScope, Guide>> = {
  subscriptions: {
    expected: `The ids of 1 to ${SUBSCRIPTIONS_MAXIMUM} subscriptions, GUIDs.`,
    remedy: 'Copy the ids from `az account list`, or delete the document to search nowhere.',
  },
  tag: {
    expected: 'The name of a tag: 1 to 128 letters, digits, hyphens, dots and underscores.',
    remedy: 'Correct the name, or remove the field to use `key-rotation`.',
  },
  ownerTag: {
    expected: 'The name of a tag: 1 to 128 letters, digits, hyphens, dots and underscores.',
    remedy: 'Correct the name, or remove the field to use `owner`.',
  },
};

export interface DiscoveryRead {
  /** Absent when there is no document, or it is not valid. Only the latter has `problems`. */
  readonly scope?: DiscoveryScope;
  readonly problems: readonly Problem[];
}

export function readDiscovery(value: string | undefined): DiscoveryRead {
  if (value === undefined) return { problems: [] };
  const read = readDocument(SCHEMA, GUIDES, DISCOVERY_KEY, value);
  if (!read.ok) return { problems: read.problems };
  return { scope: { ...read.data, subscriptions: [...new Set(read.data.subscriptions)] }, problems: [] };
}

const ALIAS_NAME_LENGTH = 57;

/** `<name>-<6 hex digits of the id's hash>`: legal in secret names, references, flags and routes, at most 64 long. */
export function derivedAlias(id: AccountId): string {
  const name = id.slice(id.lastIndexOf('/') + 1).replace(/[^a-z0-9-]/g, '-');
  return `${name.slice(0, ALIAS_NAME_LENGTH)}-${hash('sha256', id, 'hex').slice(0, 6)}`;
}

export interface FoundAccounts {
  readonly accounts: readonly Account[];
  /** Problems that leave out an account that should be worked on. */
  readonly problems: readonly Problem[];
  /** Accounts and subscriptions that an operator should know about. */
  readonly notices: readonly Problem[];
  readonly gone: readonly AccountId[];
}

/** `listed`: ids that are named one by one. Only their own documents count, even if these are not valid. */
export function readDiscovered(
  { accounts, failures }: Discovered,
  listed: ReadonlySet<string>,
  context: AccountContext,
): FoundAccounts {
  const present = accounts.filter(({ id }) => !listed.has(id));
  const { first, late } = byFirstComer(present.filter(isInFleet));
  const results = first.map((found) => readFound(found, context));
  return {
    accounts: results.flatMap((result) => (result.ok ? [result.account] : [])),
    problems: [...results.flatMap(({ problems }) => problems), ...late.map(lateProblem)],
    gone: present.flatMap(({ id, state, reason }) => (reason === 'AccountGone' && isGone(state) ? [id] : [])),
    notices: [
      ...present.flatMap(noticeOf),
      ...failures.map(({ subscriptionId, code, message }) => ({
        setting: DISCOVERY_KEY,
        expected: `Subscription ${subscriptionId} can be searched (${code}); its accounts stay what they were.`,
        remedy: message,
      })),
    ],
  };
}

/**
 * The hash in an alias is short, so that a person may create an account whose alias is that of another one. The account
 * that was enrolled first stays.
 */
function byFirstComer(accounts: readonly DiscoveredAccount[]) {
  const taken = new Set<string>();
  const first: DiscoveredAccount[] = [];
  const late: DiscoveredAccount[] = [];
  for (const account of accounts.toSorted((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1))) {
    const alias = derivedAlias(account.id);
    (taken.has(alias) ? late : first).push(account);
    taken.add(alias);
  }
  return { first, late };
}

function lateProblem({ id }: DiscoveredAccount): Problem {
  return {
    setting: `Tags of ${id}`,
    expected: 'An account whose derived alias no account has that was enrolled earlier.',
    remedy: `Its alias is ${derivedAlias(id)}: list it one by one under another alias; until then it is not worked on.`,
  };
}

function isGone(state: DiscoveredAccount['state']): boolean {
  return state === 'left' || state === 'forgotten';
}

export function isInFleet({ state }: DiscoveredAccount): boolean {
  return state === 'enrolled' || state === 'leaving';
}

/** The account's tags take the place of a document. */
function readFound({ id, resourceId, policy }: DiscoveredAccount, context: AccountContext) {
  const alias = derivedAlias(id);
  const value = JSON.stringify({ resourceId, policy });
  const result = readAccount({ key: `${ACCOUNT_PREFIX}${alias}`, value }, context);
  const setting = `Tags of ${shownName(alias)}`;
  return { ...result, problems: result.problems.map((problem) => ({ ...problem, setting })) };
}

/** The problem of an account and its remedy. docs/discovery.md explains each reason. */
const WORDS: Readonly<Record<DiscoveryReason, Guide>> = {
  KeysSwitchedOff: {
    expected: 'An account with keys: `disableLocalAuth` is set on this one (KeysSwitchedOff).',
    remedy: 'Remove the tag, or switch keys on again.',
  },
  NotSucceeded: {
    expected: 'An account in provisioning state `Succeeded`: this one is in another (NotSucceeded).',
    remedy: 'Wait until Azure is done with it; if it has failed, repair or delete it.',
  },
  TagRemoved: {
    expected: 'An account with the tag: this one has lost it (TagRemoved).',
    remedy: 'Nothing, if that was meant; else tag it again.',
  },
  AccountGone: {
    expected: 'An account that exists: this one has been deleted (AccountGone).',
    remedy: 'Nothing, if that was meant; its secret stays until it is deleted.',
  },
  AccessLost: {
    expected: 'An account that the identity may read: Azure refuses the call for this one (AccessLost).',
    remedy: 'Nothing, if that was meant; else give the identity its role again.',
  },
  SubscriptionNotGiven: {
    expected: `An account in a subscription of ${DISCOVERY_KEY} (SubscriptionNotGiven).`,
    remedy: 'Nothing, if that was meant; else name the subscription again.',
  },
};

const STATES: Readonly<Record<DiscoveredAccount['state'], string>> = {
  enrolled: '',
  leaving: 'Until its rotation is over it is still worked on.',
  skipped: 'It is not worked on.',
  left: 'It has been let go and is not worked on any more.',
  forgotten: '',
};

function noticeOf({ id, state, reason }: DiscoveredAccount): readonly Problem[] {
  if (reason === undefined || STATES[state] === '') return [];
  const alias = derivedAlias(id);
  const { expected, remedy } = WORDS[reason];
  return [
    {
      setting: `Tags of ${shownName(alias)}`,
      expected,
      remedy: `${remedy} ${STATES[state]}`,
      account: shownName(alias),
    },
  ];
}

/** The account with what the last search has learnt of it. */
export function withFacts(
  account: Account,
  found: ReadonlyMap<AccountId, DiscoveredAccount>,
  { subscriptionNames = {} }: Discovered,
): KnownAccount {
  const { kind, location, owner } = found.get(account.id) ?? {};
  const [, , subscriptionId = ''] = account.id.split('/');
  const facts = defined<AccountFacts>({
    kind,
    location,
    owner,
    subscriptionName: subscriptionNames[subscriptionId],
  });
  return Object.keys(facts).length === 0 ? account : { ...account, facts };
}
