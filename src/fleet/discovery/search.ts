// One search for accounts by their tag, over all given subscriptions. Every tick reads its result.
// It must not touch a key or rotate anything: the next tick adopts a new account like any other.

import { forEachInLanes } from '../../base/lanes.ts';
import type { Log } from '../../base/log.ts';
import { keptSince } from '../../base/retention.ts';
import type {
  Discovered,
  DiscoveredAccount,
  DiscoveryFailure,
  DiscoveryScope,
  FoundAccount,
  SubscriptionNames,
} from '../../config/accounts/discovered-account.ts';
import { derivedAlias, isInFleet } from '../../config/accounts/discovery.ts';
import { asRotationError, errorFields } from '../../rotation/errors.ts';
import type { AccountId } from '../../rotation/model.ts';
import { startAnew } from './adopt-again.ts';
import { madeAnew, planDiscovery } from './plan.ts';
import type { DiscoveryParts, Presence } from './ports.ts';

/** Subscriptions that are searched at once. */
const CONCURRENCY = 4;
/** Attempts at a throttled search, each after the wait that the service asked for. */
const ATTEMPTS = 3;
const WAIT_DEFAULT_MS = 10_000;
const WAIT_MAXIMUM_MS = 60_000;

/** Throws when configuration or table cannot be read; a subscription that cannot be searched stops no other. */
export async function discover(parts: DiscoveryParts, log: Log): Promise<void> {
  const { discovery: scope, problems } = await parts.fleet();
  const known = await parts.discovered.read();
  if (scope === undefined && known.accounts.length === 0) return;
  // A document that cannot be read does not say which accounts should leave.
  if (scope === undefined && problems.some(({ setting }) => setting.startsWith('KeyRotation:Discovery'))) return;
  const { found, failures } = await searchAll(parts, scope, log);
  const subscriptionNames = await namesOf(parts, scope, known);
  const now = parts.clock.now();
  const asked = await askForUnseen(parts, known, found, log);
  const plan = (isAtRest: (id: AccountId) => boolean): readonly DiscoveredAccount[] =>
    planDiscovery(known.accounts, { scope, found, asked, now, isAtRest });
  let accounts = plan(() => false);
  // Which accounts are at rest matters only if an account would leave.
  if (accounts.some(({ state }) => state === 'leaving')) accounts = plan(await restOf(parts));
  accounts = await withoutOldNames(parts, accounts);
  accounts = await withNewcomersOfOldNames(parts, known, { accounts, failures }, log);
  const changed = await parts.discovered.write(known, { accounts, failures, subscriptionNames });
  logChanges(log, known, accounts);
  const count = (state: DiscoveredAccount['state']): number =>
    accounts.filter((account) => account.state === state).length;
  log('info', 'discovery', {
    subscriptions: scope?.subscriptions.length ?? 0,
    failed: failures.length,
    enrolled: count('enrolled'),
    leaving: count('leaving'),
    skipped: count('skipped'),
    changed,
  });
}

interface Searched {
  readonly found: ReadonlyMap<string, readonly FoundAccount[]>;
  readonly failures: readonly DiscoveryFailure[];
}

async function searchAll(parts: DiscoveryParts, scope: DiscoveryScope | undefined, log: Log): Promise<Searched> {
  const found = new Map<string, readonly FoundAccount[]>();
  const failures: DiscoveryFailure[] = [];
  if (scope === undefined) return { found, failures };
  await forEachInLanes(scope.subscriptions, CONCURRENCY, async (subscriptionId) => {
    try {
      found.set(subscriptionId, await searchPatiently(parts, subscriptionId, scope));
    } catch (error) {
      const failure = { subscriptionId, ...errorFields(error) };
      failures.push(failure);
      log('warn', 'subscriptionNotSearched', failure);
    }
  });
  failures.sort((a, b) => (a.subscriptionId < b.subscriptionId ? -1 : 1));
  return { found, failures };
}

async function searchPatiently(
  parts: DiscoveryParts,
  subscriptionId: string,
  tags: DiscoveryScope,
): Promise<readonly FoundAccount[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await parts.accountSearch.list(subscriptionId, tags);
    } catch (error) {
      const { code, retryAfterMs } = asRotationError(error);
      if (code !== 'Throttled' || attempt >= ATTEMPTS) throw error;
      await parts.sleep(Math.min(retryAfterMs ?? WAIT_DEFAULT_MS, WAIT_MAXIMUM_MS));
    }
  }
}

/** For people only: a name that cannot be read stays what it was, and the search goes on. */
async function namesOf(
  { accountSearch }: DiscoveryParts,
  scope: DiscoveryScope | undefined,
  { subscriptionNames: former = {} }: Discovered,
): Promise<SubscriptionNames> {
  const names: Record<string, string> = {};
  await forEachInLanes(scope?.subscriptions ?? [], CONCURRENCY, async (subscriptionId) => {
    try {
      names[subscriptionId] = await accountSearch.nameOf(subscriptionId);
    } catch (error) {
      asRotationError(error);
      const known = former[subscriptionId];
      if (known !== undefined) names[subscriptionId] = known;
    }
  });
  return names;
}

/** Accounts of one search that are asked for by themselves; the others keep their states. */
const ASKED_MAXIMUM = 500;

/** Calls for each account that its subscription's list does not name any more. */
async function askForUnseen(
  parts: DiscoveryParts,
  known: Discovered,
  found: Searched['found'],
  log: Log,
): Promise<ReadonlyMap<AccountId, Presence>> {
  const named = new Set([...found.values()].flat().map(({ id }) => id));
  const unseen = known.accounts
    .filter(({ id, state }) => state !== 'left' && state !== 'forgotten' && !named.has(id))
    .filter(({ id }) => found.has(id.split('/')[2] ?? ''));
  const asked = new Map<AccountId, Presence>();
  await forEachInLanes(unseen.slice(0, ASKED_MAXIMUM), CONCURRENCY, async ({ id }) => {
    try {
      const presence = await parts.accountSearch.lookFor(id);
      asked.set(id, presence);
      log('warn', 'accountNotListed', { account: derivedAlias(id), resourceId: id, state: presence });
    } catch (error) {
      log('warn', 'accountNotListed', { account: derivedAlias(id), resourceId: id, ...errorFields(error) });
    }
  });
  return asked;
}

/**
 * At rest: never adopted, or idle, and no leaked key waits to be replaced. A record that cannot be understood counts as
 * not at rest.
 */
async function restOf(parts: DiscoveryParts): Promise<(id: AccountId) => boolean> {
  const { urgent } = await parts.ports.records.listDue(parts.clock.now());
  const busy = new Set<AccountId>(urgent);
  for (const id of await busyIds(parts)) busy.add(id);
  return (id) => !busy.has(id);
}

async function busyIds(parts: DiscoveryParts): Promise<readonly AccountId[]> {
  return (await parts.ports.records.listStatus())
    .filter(
      ({ record }) => record.state === 'unreadable' || (record.state === 'present' && record.record.phase !== 'idle'),
    )
    .map(({ accountId }) => accountId);
}

/**
 * Without accounts that were let go long ago. While the table has a record under an id, the id stays known: if the
 * account is made again, the record must not be taken for its own.
 */
async function withoutOldNames(
  { ports, clock }: DiscoveryParts,
  accounts: readonly DiscoveredAccount[],
): Promise<readonly DiscoveredAccount[]> {
  const before = keptSince('forgottenAccounts', clock.now());
  const isOld = ({ state, since }: DiscoveredAccount): boolean => state === 'forgotten' && since < before;
  if (!accounts.some(isOld)) return accounts;
  const recorded = new Set((await ports.records.listStatus()).map(({ accountId }) => accountId));
  return accounts.filter((account) => !isOld(account) || recorded.has(account.id));
}

/** An account whose old record cannot be closed yet stays in its former state, so that the next search tries again. */
async function withNewcomersOfOldNames(
  parts: DiscoveryParts,
  known: Discovered,
  planned: Discovered,
  log: Log,
): Promise<readonly DiscoveredAccount[]> {
  const newcomers = madeAnew(known.accounts, planned.accounts).filter(isInFleet);
  if (newcomers.length === 0) return planned.accounts;
  const former = new Map(known.accounts.map((account) => [account.id, account]));
  const { accounts: fleet } = await parts.fleetWith(planned);
  const late = new Set<AccountId>();
  for (const { id } of newcomers) {
    const account = fleet.find((each) => each.id === id);
    const isDone = account !== undefined && (await startAnew(parts, account));
    log('warn', 'accountMadeAnew', { account: derivedAlias(id), resourceId: id, isDone });
    if (!isDone) late.add(id);
  }
  return planned.accounts.map((account) => (late.has(account.id) ? (former.get(account.id) ?? account) : account));
}

/** Logs one line for each account that has come, gone, or cannot be worked on. */
function logChanges(log: Log, known: Discovered, accounts: readonly DiscoveredAccount[]): void {
  const former = new Map(known.accounts.map((account) => [account.id, account]));
  for (const account of accounts) {
    const before = former.get(account.id);
    if (account.state === 'forgotten' || (before?.state === account.state && before.reason === account.reason))
      continue;
    const { id, state, reason } = account;
    const level = isInFleet(account) && reason === undefined ? 'info' : 'warn';
    log(level, 'accountDiscovered', { account: derivedAlias(id), resourceId: id, state, reason });
  }
}
