// The words of the page about holders: what one is, how it stands, and what shows that it has the published key.
// It must not draw.
import type { AccountStatus } from '../types.ts';

type Holders = NonNullable<AccountStatus['holders']>;
export type HolderStatus = Holders['holders'][number];

const KINDS: Readonly<Record<HolderStatus['kind'], string>> = {
  appServiceReference: 'Key Vault reference of App Service',
  appServiceSetting: 'setting of App Service with a plain value',
  namedValue: 'named value of API Management',
  foundryConnection: 'connection of Azure AI Foundry',
  searchKey: 'key in Azure AI Search',
};

const STANDINGS: Readonly<Record<HolderStatus['standing'], string>> = {
  follows: 'It points at the secret.',
  pinned: 'It points at one version of the secret, and never follows.',
  copy: 'It holds a copy of a key.',
  formerCopy: 'It holds a key that was renewed.',
  otherValue: 'It holds neither of the keys.',
  unseen: 'It could not be read.',
};

const GRADES: Readonly<Record<NonNullable<HolderStatus['evidence']>['grade'], string>> = {
  seen: 'The published key was read in it.',
  refreshed: 'It was refreshed after the publish.',
  elapsed: 'Its platform has fetched the key by itself.',
};

/** `shop · KEY` of `/subscriptions/…/sites/shop` and `KEY`. */
export function holderTitle({ resource, name }: Pick<HolderStatus, 'resource' | 'name'>): string {
  return `${resource.slice(resource.lastIndexOf('/') + 1)} · ${name}`;
}

export function kindText({ kind }: Pick<HolderStatus, 'kind'>): string {
  return KINDS[kind];
}

export function standingText({ standing, cause }: Pick<HolderStatus, 'standing' | 'cause'>): string {
  return cause === undefined ? STANDINGS[standing] : `${STANDINGS[standing]} ${cause}`;
}

/** What shows that it has the published key. Undefined while nothing does. */
export function evidenceOf({ evidence }: HolderStatus, publishedVersion: string | undefined) {
  if (evidence === undefined || evidence.version !== publishedVersion) return undefined;
  return { text: GRADES[evidence.grade], at: evidence.at };
}

/** The holder that a consumer of an overlap stands for. */
export function holderNamed(consumer: string, holders: Holders | undefined): HolderStatus | undefined {
  return holders?.holders.find(({ resource, name }) => `${resource}#${name}` === consumer);
}
