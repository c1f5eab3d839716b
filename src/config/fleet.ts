// From the key-values of App Configuration to the accounts that may be worked on, and all problems.
// One bad account never stops the others: it is left out, and its problem carries its alias.
// It must not call the store.
import type { Account, AccountId } from '../rotation/model.ts';
import { ACCOUNT_PREFIX, readAccount } from './accounts/account.ts';
import { namedId } from './accounts/account-document.ts';
import type { Discovered, DiscoveryScope, KnownAccount } from './accounts/discovered-account.ts';
import { DISCOVERY_KEY, readDiscovered, readDiscovery, withFacts } from './accounts/discovery.ts';
import type { ReadCalendar } from './policies/calendar.ts';
import { needsCalendar, POLICY_PREFIX, readPolicies } from './policies/policy.ts';
import { NAME } from './policies/policy-document.ts';
import { found, type Problem, quoteList, shownName } from './problem.ts';
import { FREEZE_KEY, type RawKeyValue, SENTINEL_KEY } from './raw-key-value.ts';
import type { Settings } from './settings.ts';

/** Every key that concerns the service starts like this. */
export const CONFIGURATION_PREFIX = 'KeyRotation:';
const NAMES_SHOWN = 5;

export interface Fleet {
  /** In the order of their aliases. */
  readonly accounts: readonly KnownAccount[];
  readonly problems: readonly Problem[];
  /** Discovered accounts that are not worked on, or not much longer, and subscriptions that could not be searched. */
  readonly notices: readonly Problem[];
  readonly isFrozen: boolean;
  /** Accounts that were searched for, and that Azure says are gone. */
  readonly gone: readonly AccountId[];
  /** Where accounts are searched; absent when there is no document for it, or it is not valid. */
  readonly discovery?: DiscoveryScope;
}

interface Sorted {
  readonly accounts: RawKeyValue[];
  readonly policies: RawKeyValue[];
  freeze: string | undefined;
  discovery: string | undefined;
  readonly problems: Problem[];
}

const isPolicyKey = (key: string): boolean =>
  key.startsWith(POLICY_PREFIX) && NAME.test(key.slice(POLICY_PREFIX.length));

function sortKeyValues(keyValues: readonly RawKeyValue[]): Sorted {
  const sorted: Sorted = { accounts: [], policies: [], freeze: undefined, discovery: undefined, problems: [] };
  const ours = keyValues.filter(({ key }) => key.startsWith(CONFIGURATION_PREFIX) && key !== SENTINEL_KEY);
  for (const keyValue of ours.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    const { key, label } = keyValue;
    if (label !== undefined) sorted.problems.push(labelProblem(key, label));
    else if (key.startsWith(ACCOUNT_PREFIX)) sorted.accounts.push(keyValue);
    else if (isPolicyKey(key)) sorted.policies.push(keyValue);
    else if (key === FREEZE_KEY) sorted.freeze = keyValue.value;
    else if (key === DISCOVERY_KEY) sorted.discovery = keyValue.value;
    else sorted.problems.push(unknownKeyProblem(key));
  }
  return sorted;
}

function labelProblem(key: string, label: string): Problem {
  return {
    setting: shownName(key),
    expected: 'A key-value without a label.',
    remedy: 'Set it again without a label, and delete the one with the label; until then it is ignored.',
    ...found(label),
  };
}

function unknownKeyProblem(key: string): Problem {
  const isPolicy = key.startsWith(POLICY_PREFIX);
  return {
    setting: shownName(key),
    expected: isPolicy
      ? 'A policy name of 1 to 64 letters, digits and hyphens after `KeyRotation:Policies:`.'
      : 'One of `KeyRotation:Accounts:<alias>`, `KeyRotation:Policies:<name>`, `KeyRotation:Freeze`, `KeyRotation:Discovery` and `KeyRotation:Sentinel`.',
    remedy: 'Correct the key, or delete the key-value; until then it is ignored.',
  };
}

/** An operator who sets the freeze to an unreadable value wants a stop: it counts as set until it is corrected. */
export function readFreeze(value: string | undefined): {
  readonly isFrozen: boolean;
  readonly problems: readonly Problem[];
} {
  const word = value?.trim().toLowerCase();
  if (word === undefined || word === 'false') return { isFrozen: false, problems: [] };
  if (word === 'true') return { isFrozen: true, problems: [] };
  const problem: Problem = {
    setting: FREEZE_KEY,
    expected: '`true` or `false`.',
    remedy: 'Write one of the two; until then every account is frozen.',
    ...found(value),
  };
  return { isFrozen: true, problems: [problem] };
}

interface Claim {
  readonly field: string;
  /** The value that no two accounts may share. */
  readonly claimed: (account: Account) => string;
  readonly expected: string;
}

/** Aliases compare without case, because most applications compare reference keys and flags without case. */
const CLAIMS: readonly Claim[] = [
  { field: '.resourceId', claimed: ({ id }) => id, expected: 'An account that no other alias names.' },
  {
    field: '.secretName',
    claimed: ({ vaultUrl, secretName }) => `${vaultUrl}/secrets/${secretName}`.toLowerCase(),
    expected: 'A secret that no other account uses.',
  },
  {
    field: '',
    claimed: ({ alias }) => alias.toLowerCase(),
    expected: 'An alias that differs from every other by more than capitals.',
  },
];

type Clashes = Pick<Fleet, 'accounts' | 'problems'>;

/**
 * Neither of two clashing accounts is worked on, because it is unknown which is right. But `settled` accounts are
 * listed one by one, and win against accounts that were found.
 */
function separateClashes(accounts: readonly Account[], settled: readonly Account[] = []): Clashes {
  if (accounts.length === 0) return { accounts, problems: [] };
  const clashes = CLAIMS.map((claim) => ({ ...claim, holders: sharedBy([...settled, ...accounts], claim) }));
  if (clashes.every(({ holders }) => holders.size === 0)) return { accounts, problems: [] };
  const problems = accounts.flatMap((account) =>
    clashes.flatMap(({ field, claimed, expected, holders }) => {
      const others = (holders.get(claimed(account)) ?? []).filter((other) => other !== account);
      return others.length === 0 ? [] : [clashProblem(account, field, expected, others)];
    }),
  );
  const leftOut = new Set(problems.map((problem) => problem.account));
  return { accounts: accounts.filter(({ alias }) => !leftOut.has(alias)), problems };
}

/** Each value that several accounts claim, and those accounts. Empty in a fleet without clashes. */
function sharedBy(accounts: readonly Account[], { claimed }: Claim): ReadonlyMap<string, readonly Account[]> {
  const first = new Map<string, Account>();
  const shared = new Map<string, Account[]>();
  for (const account of accounts) {
    const claim = claimed(account);
    const holder = first.get(claim);
    if (holder === undefined) first.set(claim, account);
    else {
      const present = shared.get(claim);
      if (present === undefined) shared.set(claim, [holder, account]);
      else present.push(account);
    }
  }
  return shared;
}

function clashProblem(account: Account, field: string, expected: string, others: readonly Account[]): Problem {
  const shown = quoteList(others.slice(0, NAMES_SHOWN).map(({ alias }) => alias));
  const more = others.length > NAMES_SHOWN ? ` and ${others.length - NAMES_SHOWN} more` : '';
  return {
    setting: `${ACCOUNT_PREFIX}${account.alias}${field}`,
    expected,
    remedy: `It clashes with ${shown}${more}: correct or delete all but one; until then none of them is worked on.`,
    account: account.alias,
  };
}

const NOTHING_FOUND: Discovered = { accounts: [], failures: [] };

/** Loads the calendar if a policy asks for it, and parses. Rejects only when the calendar cannot be loaded. */
export async function readFleet(
  keyValues: readonly RawKeyValue[],
  settings: Pick<Settings, 'keyVaultUrl'>,
  discovered?: Discovered,
): Promise<Fleet> {
  const isNeeded = sortKeyValues(keyValues).policies.some(needsCalendar);
  const readCalendar = isNeeded ? (await import('./policies/calendar.ts')).readCalendar : undefined;
  return parseFleet(keyValues, settings, { discovered, readCalendar });
}

/** The fleet as it would be, and the keys of the documents that are there now. */
export interface ProposedFleet {
  readonly fleet: Fleet;
  readonly listed: ReadonlySet<string>;
}

/** The fleet with these documents in place of those of the same keys. Accounts that are found by a search are left out. */
export async function proposeFleet(
  present: readonly RawKeyValue[],
  documents: readonly RawKeyValue[],
  settings: Pick<Settings, 'keyVaultUrl'>,
): Promise<ProposedFleet> {
  const proposed = new Set(documents.map(({ key }) => key));
  const kept = present.filter(({ key, label }) => label !== undefined || !proposed.has(key));
  const listed = new Set(present.flatMap(({ key, label }) => (label === undefined ? [key] : [])));
  return { fleet: await readFleet([...kept, ...documents], settings), listed };
}

export interface Beside {
  /** The result of the last search for accounts. */
  readonly discovered?: Discovered | undefined;
  /** Policies with windows or blackouts need it; without it they are reported. */
  readonly readCalendar?: ReadCalendar | undefined;
}

/** Every problem at once. Never throws; key-values outside `KeyRotation:` are ignored. */
export function parseFleet(
  keyValues: readonly RawKeyValue[],
  settings: Pick<Settings, 'keyVaultUrl'>,
  { discovered = NOTHING_FOUND, readCalendar }: Beside = {},
): Fleet {
  const sorted = sortKeyValues(keyValues);
  const freeze = readFreeze(sorted.freeze);
  const discovery = readDiscovery(sorted.discovery);
  const policies = readPolicies(sorted.policies, readCalendar);
  const context = { keyVaultUrl: settings.keyVaultUrl, policies, isFrozen: freeze.isFrozen };
  const results = sorted.accounts.map((keyValue) => readAccount(keyValue, context));
  const listed = separateClashes(results.flatMap((result) => (result.ok ? [result.account] : [])));
  const named = new Set(sorted.accounts.flatMap(({ value }) => namedId(value) ?? []));
  const found = readDiscovered(discovered, named, context);
  const separate = separateClashes(found.accounts, listed.accounts);
  const rejected = results.flatMap(({ problems }) => problems);
  const facts = new Map(discovered.accounts.map((account) => [account.id, account]));
  const accounts = [...listed.accounts, ...separate.accounts].map((account) => withFacts(account, facts, discovered));
  return {
    accounts: separate.accounts.length === 0 ? accounts : accounts.toSorted((a, b) => (a.alias < b.alias ? -1 : 1)),
    problems: [
      ...sorted.problems,
      ...freeze.problems,
      ...discovery.problems,
      ...policies.problems,
      ...rejected,
      ...listed.problems,
      ...found.problems,
      ...separate.problems,
    ],
    notices: [...policies.warnings, ...found.notices],
    isFrozen: freeze.isFrozen,
    gone: found.gone,
    ...(discovery.scope === undefined ? {} : { discovery: discovery.scope }),
  };
}
