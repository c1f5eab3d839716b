// Holders in a universe: what their platforms have fetched, what their applications use, and the row that is known of
// them. A value changes only by an effect, or by time: no application here asks for its key. All of it is replaced and
// never changed in place, so that a snapshot keeps a reference.
import { createInventories } from '../../src/holders/inventories.ts';
import { type HolderContent, type HolderInventory, type HolderKind, NOTHING_KNOWN } from '../../src/holders/model.ts';
import type { HolderAdapter, HolderParts, HolderRecords, StoredHolders } from '../../src/holders/ports.ts';
import { type ErrorCode, RotationError } from '../../src/rotation/errors.ts';
import type { ETag, SecretVersion } from '../../src/rotation/model.ts';
import type { Interceptor, PortCall } from '../../src/rotation/pass/intercept.ts';
import { hashOf } from './hash-of.ts';
import type { Sent } from './sent.ts';
import type { Universe } from './universe.ts';

/** How its platform behaves. */
export interface Reader {
  readonly kind: 'appServiceReference' | 'namedValue' | 'foundryConnection';
  /** The platform answers a refresh, and carries it out before the next tick. */
  readonly fetchesLater?: true;
  readonly saysActiveVersion?: true;
  /** It refuses each refresh, for good. */
  readonly refuses?: true;
  /** What the platform has fetched. A connection has no use for it. */
  readonly fetched: { readonly version: string; readonly value: string; readonly at: number };
  readonly isFetching: boolean;
  /** What the application calls with. */
  readonly value: string;
}

export interface SimHolders {
  /** By resource id. */
  readonly readers: ReadonlyMap<string, Reader>;
  readonly stored: StoredHolders;
}

export type Nature = Pick<Reader, 'kind' | 'fetchesLater' | 'saysActiveVersion' | 'refuses'>;

/** The account has these readers. They are known, unless they are still to be found. */
export function addReaders(universe: Universe, natures: readonly Nature[], isFound = true): void {
  const { newest, now } = universe;
  if (newest === undefined) throw new Error('Holders need a published key.');
  const { value, version } = newest;
  const fetched = { version, value, at: now };
  const readers = new Map(
    natures.map((nature, index) => [`reader-${index}`, { ...nature, fetched, isFetching: false, value }]),
  );
  const evidence = { version: version as SecretVersion, grade: 'seen', at: now } as const;
  const holders = [...readers].map(([resource, { kind }]) => {
    const copy = { standing: { state: 'copy', slot: 'key1' }, held: hashOf(value) } as const;
    const standing = kind === 'foundryConnection' ? copy : ({ standing: { state: 'follows' } } as const);
    return { kind, resource, name: 'KEY', readAt: now, evidence, ...standing };
  });
  const known = { ...NOTHING_KNOWN, searchedAt: now, holders, lookedFor: version as SecretVersion };
  universe.holders = { readers, stored: { etag: undefined, known: isFound ? known : NOTHING_KNOWN } };
}

function change(universe: Universe, resource: string, edit: (reader: Reader) => Reader): void {
  const { holders } = universe;
  const reader = holders?.readers.get(resource);
  if (holders === undefined || reader === undefined) return;
  universe.holders = { ...holders, readers: new Map(holders.readers).set(resource, edit(reader)) };
}

/** The platform reads the vault. Without a version that it can read, it keeps the former value. */
function fetched(universe: Universe, reader: Reader): Reader {
  const { newest, now } = universe;
  if (newest?.isEnabled !== true) return { ...reader, isFetching: false };
  const { version, value } = newest;
  const isUsed = reader.kind === 'namedValue';
  return { ...reader, isFetching: false, fetched: { version, value, at: now }, ...(isUsed ? { value } : {}) };
}

const restarted = (reader: Reader): Reader => ({ ...reader, value: reader.fetched.value });

/** Platforms carry out what they have answered. */
export function letPlatformsAct(universe: Universe): void {
  for (const [resource, { isFetching }] of universe.holders?.readers ?? [])
    if (isFetching) change(universe, resource, (reader) => fetched(universe, reader));
}

/** The interval of each platform is over: it has fetched by itself, and restarted what needs it. */
export function letIntervalsPass(universe: Universe): void {
  for (const [resource, { kind }] of universe.holders?.readers ?? [])
    if (kind !== 'foundryConnection') change(universe, resource, (reader) => restarted(fetched(universe, reader)));
}

function contentOf({ account }: Universe, reader: Reader): HolderContent {
  if (reader.kind === 'foundryConnection') return { has: 'value', fingerprint: hashOf(reader.value) };
  const { version, at } = reader.fetched;
  return {
    has: 'reference',
    vaultUrl: account.vaultUrl,
    secretName: account.secretName,
    isResolved: true,
    ...(reader.kind === 'namedValue' ? { resolvedAt: at } : {}),
    ...(reader.saysActiveVersion === true ? { activeVersion: version as SecretVersion } : {}),
  };
}

const refused = (code: ErrorCode, service: PortCall['service'], message: string): RotationError =>
  new RotationError({ code, service, operation: 'holder', message });

type Call = <T>(service: PortCall['service'], operation: string, act: () => T, sent?: Sent) => Promise<T>;

/** The room looks at several holders at once. Here their calls come one after another, so that a schedule is a list. */
function oneAfterAnother({ account }: Universe, intercept: Interceptor, note: (sent: Sent) => void): Call {
  let before: Promise<unknown> = Promise.resolve();
  return <T>(service: PortCall['service'], operation: string, act: () => T, sent?: Sent): Promise<T> => {
    const mine = before.then(() => {
      if (sent !== undefined) note(sent);
      const call = { service, operation, account, isEffect: sent !== undefined };
      return intercept(call, () => new Promise<T>((resolve) => resolve(act())));
    });
    before = mine.catch(() => undefined);
    return mine;
  };
}

/** The shipped room's parts, with `intercept` around each call and `note` right before each effect. */
export function holderParts(universe: Universe, intercept: Interceptor, note: (sent: Sent) => void): HolderParts {
  const { account } = universe;
  const clock = { now: () => universe.now };
  const call = oneAfterAnother(universe, intercept, note);
  const read = (resource: string): HolderContent | undefined => {
    const reader = universe.holders?.readers.get(resource);
    return reader === undefined ? undefined : contentOf(universe, reader);
  };
  const listed = (of: HolderKind): HolderInventory => {
    const readers = [...(universe.holders?.readers ?? [])].filter(([, { kind }]) => kind === of);
    const holders = readers.map(([resource, reader]) => {
      return { kind: of, resource, name: 'KEY', content: contentOf(universe, reader) };
    });
    return { holders, unseen: [], searched: holders.length, isComplete: true };
  };
  const adapter = (kind: HolderKind): HolderAdapter => ({
    list: () => call('arm', 'listHolders', () => listed(kind)),
    read: ({ resource }) => call('arm', 'readHolder', () => read(resource)),
    perform: (effect, { resource }, { value }) => {
      const sent = { operation: 'bringHolder', account, resource, effect, value } as const;
      return call('arm', `${effect}Holder`, () => change(universe, resource, broughtBy(universe, sent)), sent);
    },
  });
  const adapters = {
    appServiceReference: adapter('appServiceReference'),
    appServiceSetting: adapter('appServiceSetting'),
    namedValue: adapter('namedValue'),
    foundryConnection: adapter('foundryConnection'),
    searchKey: adapter('searchKey'),
  };
  const kinds = new Set([...(universe.holders?.readers.values() ?? [])].map(({ kind }) => kind));
  const scopes = Object.fromEntries([...kinds].map((kind) => [kind, ['/subscriptions/simulated']]));
  // A process of its own for each tick: it has no inventory of an earlier one.
  const inventories = createInventories(adapters, scopes, clock);
  return {
    scopes,
    adapters,
    records: recordsOf(universe, call),
    clock,
    inventories,
    hostsOf: () => Promise.resolve([]),
  };
}

/** What an effect makes of a reader. */
function broughtBy(universe: Universe, { effect, value }: Sent & { operation: 'bringHolder' }) {
  return (reader: Reader): Reader => {
    if (effect === 'write') return { ...reader, value: value.reveal() };
    if (effect === 'restart') return restarted(reader);
    if (reader.refuses === true) throw refused('Misconfigured', 'arm', 'The platform refuses.');
    return reader.fetchesLater === true ? { ...reader, isFetching: true } : fetched(universe, reader);
  };
}

let etags = 0;

function recordsOf(universe: Universe, call: Call): HolderRecords {
  return {
    read: () =>
      call('table', 'readHolders', () => universe.holders?.stored ?? { etag: undefined, known: NOTHING_KNOWN }),
    write: (account, expected, known) => {
      const write = (): ETag => {
        const { holders } = universe;
        if (holders === undefined || holders.stored.etag !== expected)
          throw refused('LostRace', 'table', 'Another process has written the row.');
        const etag = `holders-${++etags}` as ETag;
        universe.holders = { ...holders, stored: { etag, known } };
        return etag;
      };
      return call('table', 'writeHolders', write, { operation: 'writeHolders', account, expected, known });
    },
  };
}
