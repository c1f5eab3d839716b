// Checks a request against the host's keys: function, system and master key, as Azure asks for them.
// It must be called only when keys are demanded; a local host demands none by default, like `func start`.
import { HostError } from '../host-error.ts';
import type { WebRequest } from './web-server.ts';

/** Setting with the keys as JSON, in the shape that `az functionapp keys list` prints. */
export const KEYS_SETTING = 'AzureWebJobsHostKeys';

interface KeySet {
  readonly masterKey?: string;
  readonly functionKeys?: Readonly<Record<string, string>>;
  readonly systemKeys?: Readonly<Record<string, string>>;
}

/** `system` names the key that an extension asks for. */
export type RequiredKey = 'anonymous' | 'function' | 'admin' | { readonly system: string };

export type AccessCheck = (request: WebRequest, required: RequiredKey) => boolean;

/** Allows every request. */
export const NO_KEYS: AccessCheck = () => true;

/** A check against the keys in `text`, the value of the setting. Throws `HostError` when it holds none. */
export function createAccessCheck(text: string | undefined): AccessCheck {
  const keys = parseKeys(text);
  return (request, required) => {
    if (required === 'anonymous') return true;
    const given = request.headers['x-functions-key'] ?? request.url.searchParams.get('code');
    if (given === null || given === '') return false;
    return given === keys.masterKey || allowed(keys, required).includes(given);
  };
}

function allowed(keys: KeySet, required: Exclude<RequiredKey, 'anonymous'>): readonly string[] {
  if (required === 'admin') return [];
  if (required === 'function') return Object.values(keys.functionKeys ?? {});
  const key = keys.systemKeys?.[required.system];
  return key === undefined ? [] : [key];
}

function parseKeys(text: string | undefined): KeySet {
  const shape = '{"masterKey":"…","functionKeys":{"default":"…"},"systemKeys":{"eventgrid_extension":"…"}}';
  try {
    const keys: unknown = JSON.parse(text ?? '');
    if (typeof keys === 'object' && keys !== null) return keys;
  } catch {
    // Falls through without the parser's message: it quotes the text, which may hold keys.
  }
  throw new HostError(`To demand keys, the setting ${KEYS_SETTING} must hold them as ${shape}.`);
}
