// Settings of App Service sites, function apps and their slots as holders of a key: references to Key Vault, which the
// platform keeps for 24 hours, and plain values, which are inspected only.
// It must not keep a value: a fingerprint takes its place as soon as the answer is read.
import * as z from 'zod';
import { mayHoldKey, visible } from '../../base/free-text.ts';
import type { Holder, HolderContent } from '../../holders/model.ts';
import type { HolderAdapter } from '../../holders/ports.ts';
import { RotationError, UnsafeStepError } from '../../rotation/errors.ts';
import type { SecretVersion } from '../../rotation/model.ts';
import { fingerprintOf } from '../../rotation/secret.ts';
import type { ArmRest } from '../client/arm-rest.ts';
import { createPace, type PaceLimits, type Pause } from '../client/pace.ts';
import { isReference, type KeyVaultReference, parseReference, referenceByNames } from './key-vault-reference.ts';
import { callDeadline, type Look, searchSites, WEB_VERSION } from './sites.ts';

export interface AppServiceDependencies {
  readonly rest: ArmRest;
  /** Of the cloud: `<vault>.<suffix>` is the host of a vault. */
  readonly vaultSuffix: string;
  readonly pause?: Pause;
}

/** ARM refills 25 reads a second for one principal in one subscription. Others read, too. */
const READS: PaceLimits = { burst: 150, perSecond: 20 };
/** ARM counts a POST as a write and refills ten a second. An emergency's regenerate comes from the same bucket. */
const POSTS: PaceLimits = { burst: 40, perSecond: 4 };

/** No app has nearly as many settings. */
const SETTINGS_MAXIMUM = 2_000;
/** The shortest keys of Azure AI services have 32 characters, the longest known ones 84. */
const VALUE_LENGTHS = { minimum: 20, maximum: 200 };
const DETAILS_MAXIMUM = 200;

const entry = z.object({
  name: z.string(),
  properties: z.object({
    reference: z.string().nullish(),
    status: z.string().nullish(),
    details: z.string().nullish(),
    vaultName: z.string().nullish(),
    secretName: z.string().nullish(),
    secretVersion: z.string().nullish(),
    activeVersion: z.string().nullish(),
  }),
});
type Entry = z.infer<typeof entry>;

const shownSite = z.object({ properties: z.object({ state: z.string().nullish() }).nullish() });

export function createAppServiceReferences({ rest, vaultSuffix, pause }: AppServiceDependencies): HolderAdapter {
  const look: Look = async (site, deadline) => {
    const path = `${site}/config/configreferences/appsettings?${WEB_VERSION}`;
    const { items } = await rest.list('listReferences', path, entry, { deadline, maximum: SETTINGS_MAXIMUM });
    return items.flatMap((item) => {
      const content = referenceContent(item, vaultSuffix);
      if (content === undefined) return [];
      return [{ kind: 'appServiceReference' as const, resource: site, name: item.name, content }];
    });
  };
  const pace = createPace(READS, pause);
  return {
    list: (scopes) => searchSites({ rest, pace, look }, scopes),
    read: (holder, withinMs) => readOne(look, holder, withinMs),
    async perform(effect, { resource }, _published, withinMs) {
      const deadline = callDeadline(withinMs);
      const post = async (operation: string, path: string): Promise<void> => {
        const request = { method: 'POST', path: `${resource}/${path}?${WEB_VERSION}` } as const;
        await rest.send(operation, request, z.unknown(), deadline);
      };
      switch (effect) {
        case 'refresh':
          return post('refreshReferences', 'config/configreferences/appsettings/refresh');
        case 'restart': {
          // A restart may start an application that its owner has stopped. It reads its settings when it starts.
          const { properties } = await rest.get('getSite', `${resource}?${WEB_VERSION}`, shownSite, deadline);
          if (properties?.state === 'Stopped') return;
          return post('restartSite', 'restart');
        }
        case 'write':
          throw new UnsafeStepError('A reference of App Service takes no value.');
      }
    },
  };
}

export function createAppServiceSettings({ rest, pause }: Omit<AppServiceDependencies, 'vaultSuffix'>): HolderAdapter {
  const look: Look = async (site, deadline) => {
    const request = { method: 'POST', path: `${site}/config/appsettings/list?${WEB_VERSION}` } as const;
    const contents = await rest.send('listSettings', request, settings, deadline);
    return contents.map(({ name, content }) => ({ kind: 'appServiceSetting' as const, resource: site, name, content }));
  };
  const pace = createPace(POSTS, pause);
  return {
    list: (scopes) => searchSites({ rest, pace, look }, scopes),
    read: (holder, withinMs) => readOne(look, holder, withinMs),
    perform: () => Promise.reject(new UnsafeStepError('A plain setting of App Service is inspected only.')),
  };
}

/** Names of settings ignore case on Windows, and the platform may spell them in another way than before. */
async function readOne(look: Look, { resource, name }: Holder, withinMs: number): Promise<HolderContent | undefined> {
  try {
    const holders = await look(resource, callDeadline(withinMs));
    return holders.find((holder) => holder.name.toLowerCase() === name.toLowerCase())?.content;
  } catch (error) {
    if (error instanceof RotationError && error.code === 'NotFound') return undefined;
    throw error;
  }
}

/** Undefined for a reference that is not to Key Vault. */
function referenceContent({ properties }: Entry, vaultSuffix: string): HolderContent | undefined {
  const { reference, vaultName, secretName, secretVersion, activeVersion } = properties;
  const text = reference ?? '';
  const status = properties.status ?? 'no status';
  const found =
    parseReference(text, vaultSuffix) ?? referenceByNames(vaultName, vaultSuffix, secretName, secretVersion);
  // The application gets the text itself in place of a value, so it holds no key.
  if (found === undefined && (status === 'InvalidSyntax' || (text !== '' && !isKeyVault(text)))) return undefined;
  if (found === undefined) return { has: 'unseen', cause: `App Service names no secret: ${detailOf(properties)}.` };
  return {
    has: 'reference',
    vaultUrl: found.vaultUrl,
    secretName: found.secretName,
    ...(found.version === undefined ? {} : { pinnedTo: found.version }),
    isResolved: status === 'Resolved',
    ...(activeVersion === null || activeVersion === undefined || activeVersion === ''
      ? {}
      : { activeVersion: activeVersion as SecretVersion }),
    detail: `${detailOf(properties)}${slashNote(found)}`,
  };
}

function isKeyVault(text: string): boolean {
  return /^@Microsoft\.KeyVault\(/i.test(text.trim());
}

/** The platform's word, and its sentence if something is wrong. */
function detailOf({ status, details }: Entry['properties']): string {
  const word = visible(status ?? 'no status').slice(0, DETAILS_MAXIMUM);
  const sentence = visible(details ?? '').slice(0, DETAILS_MAXIMUM);
  return word === 'Resolved' || sentence === '' || mayHoldKey(sentence) ? word : `${word}: ${sentence}`;
}

/** One report says so, and Azure's documents do not. */
function slashNote({ endsInSlash, version }: KeyVaultReference): string {
  if (!endsInSlash || version !== undefined) return '';
  return '; its SecretUri ends in a slash, and was reported to stay at an old version: remove the slash';
}

/** The values of the answer go no further than this schema. */
const settings = z
  .object({ properties: z.record(z.string(), z.string().nullish()).nullish() })
  .transform(({ properties }) =>
    Object.entries(properties ?? {}).flatMap(([name, value]) => {
      const trimmed = (value ?? '').trim();
      const { minimum, maximum } = VALUE_LENGTHS;
      if (trimmed.length < minimum || trimmed.length > maximum || isReference(trimmed)) return [];
      return [{ name, content: { has: 'value' as const, fingerprint: fingerprintOf(trimmed) } }];
    }),
  );
