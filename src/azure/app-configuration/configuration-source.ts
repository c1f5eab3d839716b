// The service's own settings in App Configuration: all `KeyRotation:*` key-values as they are. Every read asks for
// freeze and sentinel, and no list is older than four minutes. It must not interpret them: `src/config` does.
//
// A list of one page is one conditional request, which covers all of it. A longer list would need a request for each
// page, so two signals are read instead: `KeyRotation:Freeze` and `KeyRotation:Sentinel`. They are read before the
// list, because an operator changes the sentinel last. A list that is newer than its signals is only read once more.

import { AppConfigurationClient } from '@azure/app-configuration';
import type { TokenCredential } from '@azure/identity';
import type { Cloud } from '../../config/cloud.ts';
import { type ConfigurationSource, FREEZE_KEY, type RawKeyValue, SENTINEL_KEY } from '../../config/raw-key-value.ts';
import { RotationError } from '../../rotation/errors.ts';
import { classified } from '../client/classify-error.ts';
import { clientOptions, deadlineIn, FLEET_DEADLINE_MS } from '../client/client-options.ts';
import { monotonicClock } from '../client/monotonic-clock.ts';

export interface ConfigurationSourceDependencies {
  readonly endpoint: string;
  readonly credential: TokenCredential;
  readonly cloud: Cloud;
  /** For each request (a long list needs many); `FLEET_DEADLINE_MS` when absent. */
  readonly deadlineMs?: number;
  /** In milliseconds, for the age of the list; the monotonic clock when absent. */
  readonly now?: () => number;
  /** `PAGES_MAXIMUM` when absent. */
  readonly pagesMaximum?: number;
}

const LIST = 'KeyRotation:*';
const SIGNALS = `${FREEZE_KEY},${SENTINEL_KEY}`;
/** An edit without a change of the sentinel is seen after this long. Shorter than the default tick of five minutes. */
const LIST_KEPT_MS = 4 * 60_000;
/** A hundred thousand key-values. Bounds the read of a store that always names a next page. */
const PAGES_MAXIMUM = 1_000;

interface Page {
  /** Empty when the store gave none: it then matches no page. */
  readonly etag: string;
  readonly keyValues: readonly RawKeyValue[];
}

interface Cached {
  /** Undefined until they have been read: a list of one page needs none. */
  readonly signals: Page | undefined;
  readonly pages: readonly Page[];
  /** Of all pages. */
  readonly keyValues: readonly RawKeyValue[];
  /** When the read of the list began. */
  readonly listedAt: number;
}

/** The pages that a filter matches. An unchanged page costs no body, and is the same object as in `former`. */
type ReadPages = (filter: string, former: readonly Page[]) => AsyncGenerator<Page, void, undefined>;

export function createConfigurationSource(dependencies: ConfigurationSourceDependencies): ConfigurationSource {
  const { endpoint, credential, cloud, pagesMaximum = PAGES_MAXIMUM } = dependencies;
  const now = dependencies.now ?? (() => monotonicClock.now());
  const audience = cloud.appConfigurationAudience;
  const client = new AppConfigurationClient(endpoint, credential, { ...clientOptions(), audience });
  const pagesOf: ReadPages = (filter, former) =>
    readPages(client, filter, former, dependencies.deadlineMs ?? FLEET_DEADLINE_MS);
  let cached: Cached | undefined;
  return {
    read: () =>
      classified('appConfiguration', 'readConfiguration', async () => {
        const former = cached;
        const at = now();
        const signals = former?.pages.length === 1 ? undefined : await readSignals(pagesOf, former?.signals);
        if (former !== undefined && isInUse(former, signals, at)) return former.keyValues;
        const pages = await list(pagesOf, former?.pages ?? [], pagesMaximum);
        const keyValues =
          former !== undefined && isSame(former, pages) ? former.keyValues : pages.flatMap((page) => page.keyValues);
        cached = { signals, pages, keyValues, listedAt: at };
        return keyValues;
      }),
  };
}

/** Whether the cached list may be used. A negative age means that the clock was set back: unknown, so too old. */
function isInUse({ signals: former, listedAt }: Cached, signals: Page | undefined, now: number): boolean {
  const age = now - listedAt;
  return signals !== undefined && signals === former && age >= 0 && age < LIST_KEPT_MS;
}

/** The first page holds the key-values without a label. Only these count. */
async function readSignals(pagesOf: ReadPages, former: Page | undefined): Promise<Page | undefined> {
  for await (const page of pagesOf(SIGNALS, former === undefined ? [] : [former])) return page;
  return undefined;
}

async function list(pagesOf: ReadPages, former: readonly Page[], pagesMaximum: number): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for await (const page of pagesOf(LIST, former)) {
    if (pages.length === pagesMaximum) throw endless(pagesMaximum);
    pages.push(page);
  }
  return pages;
}

async function* readPages(
  client: AppConfigurationClient,
  keyFilter: string,
  former: readonly Page[],
  deadlineMs: number,
): AsyncGenerator<Page, void, undefined> {
  const pageEtags = former.map(({ etag }) => etag);
  const options = {
    keyFilter,
    pageEtags,
    // The SDK copies the options for each page, so the getter gives each request its own deadline.
    get abortSignal() {
      return deadlineIn(deadlineMs).abortSignal;
    },
  };
  let index = 0;
  for await (const page of client.listConfigurationSettings(options).byPage()) {
    const known = former[index];
    index++;
    if (page._response.status === 304 && known !== undefined) yield known;
    else yield { etag: page.etag ?? '', keyValues: page.items.map(rawOf) };
  }
}

function rawOf(setting: {
  readonly key: string;
  readonly label?: string;
  readonly value?: string | undefined;
  readonly contentType?: string;
  readonly etag?: string;
}): RawKeyValue {
  const { key, label, value, contentType, etag } = setting;
  return {
    key,
    value: value ?? '',
    ...(label === undefined ? {} : { label }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(etag === undefined ? {} : { etag }),
  };
}

/** Pages may move, or be sent again, while no key-value changes. */
function isSame(former: Cached, pages: readonly Page[]): boolean {
  if (former.pages.length === pages.length && pages.every((page, index) => page === former.pages[index])) return true;
  const identity = (entries: readonly RawKeyValue[]): string =>
    JSON.stringify(entries.map(({ key, label, etag }) => [key, label, etag]));
  return identity(former.keyValues) === identity(pages.flatMap(({ keyValues }) => keyValues));
}

function endless(pagesMaximum: number): RotationError {
  return new RotationError({
    code: 'Misconfigured',
    service: 'appConfiguration',
    operation: 'readConfiguration',
    message: `The store lists more than ${pagesMaximum} pages of KeyRotation key-values: remove some.`,
  });
}
