// Reads a request to App Configuration: a label, filters, fields, a place in a list, the content of a key-value.
import type { KeyValueContent, KeyValueState } from '../../world/configuration-store.ts';
import { readJsonObject, readStrings, type WireCall } from '../http.ts';
import type { Problem } from './answers.ts';

const NO_LABEL = '\0';
const FILTER_VALUES_MAXIMUM = 5;
const KEY_VALUE_BYTES_MAXIMUM = 10 * 1024;
const CONTENT_TYPES = ['application/json', 'application/vnd.microsoft.appconfig.kv+json'];

function invalid(name: string, detail: string): Problem {
  return {
    type: 'https://azconfig.io/errors/invalid-argument',
    title: `Invalid request parameter '${name}'`,
    name,
    detail,
    status: 400,
  };
}

const PARAMETERS = ['api-version', 'key', 'label', 'after', '$select', 'tags'];

/** A label that a client does not escape shows as another parameter. */
export function refuseParameters(call: WireCall): Problem | undefined {
  const unknown = call.query.names().find((name) => !PARAMETERS.includes(name));
  return unknown === undefined ? undefined : invalid(unknown, `The parameter '${unknown}' is not known.`);
}

/** The label of a single key-value. An absent label and `\0` both mean no label. */
export function labelOf(call: WireCall): string | null {
  const label = call.query.get('label');
  return label === undefined || label === '' || label === NO_LABEL ? null : label;
}

export function selectOf(call: WireCall): readonly string[] | undefined {
  const fields = call.query.get('$select');
  return fields === undefined || fields === '' ? undefined : fields.split(',').map((field) => field.trim());
}

type Match = (text: string) => boolean;

function matchOf(value: string): Match {
  const isPrefix = value.endsWith('*') && !value.endsWith('\\*');
  const text = (isPrefix ? value.slice(0, -1) : value).replaceAll(/\\(.)/g, '$1');
  return isPrefix ? (candidate) => candidate.startsWith(text) : (candidate) => candidate === text;
}

/** `A*,B`: values separated by commas, `*` at the end for a prefix, `\` to escape a character. */
function matchesOf(name: string, filter: string): Match[] | { readonly refusal: Problem } {
  const values = filter.match(/(?:\\.|[^,\\])+/g) ?? [];
  if (values.length > FILTER_VALUES_MAXIMUM) {
    return { refusal: invalid(name, `The number of values exceeded the limit of ${FILTER_VALUES_MAXIMUM}.`) };
  }
  if (values.some((value) => /(?<!\\)\*./.test(value))) {
    return { refusal: invalid(name, 'A wildcard is allowed at the end of a value only.') };
  }
  return values.map(matchOf);
}

function hasTag(entry: KeyValueState, filter: string): boolean {
  const [name = '', ...value] = filter.split('=');
  return entry.tags[name] === value.join('=');
}

/** A predicate for the key-values that a list asks for. */
export function acceptsOf(
  call: WireCall,
): { readonly accepts: (entry: KeyValueState) => boolean } | { readonly refusal: Problem } {
  const keys = matchesOf('key', call.query.get('key') ?? '*');
  if ('refusal' in keys) return keys;
  const labels = matchesOf('label', call.query.get('label') ?? '*');
  if ('refusal' in labels) return labels;
  const tags = call.query.all('tags').filter((tag) => tag !== '');
  const accepts = (entry: KeyValueState): boolean =>
    keys.some((matches) => matches(entry.key)) &&
    labels.some((matches) => matches(entry.label ?? NO_LABEL)) &&
    tags.every((tag) => hasTag(entry, tag));
  return { accepts };
}

export function afterTokenOf(entry: KeyValueState): string {
  return Buffer.from(JSON.stringify([entry.key, entry.label ?? ''])).toString('base64url');
}

function placeOf(token: string): readonly [string, string] | undefined {
  try {
    const place: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (!Array.isArray(place)) return undefined;
    const [key, label] = place as unknown[];
    return typeof key === 'string' && typeof label === 'string' ? [key, label] : undefined;
  } catch {
    return undefined;
  }
}

/** A predicate for the entries after the last page's end. */
export function afterOf(
  call: WireCall,
): { readonly isBehind: (entry: KeyValueState) => boolean } | { readonly refusal: Problem } {
  const token = call.query.get('after');
  if (token === undefined) return { isBehind: () => true };
  const place = placeOf(token);
  if (place === undefined) return { refusal: invalid('after', 'The continuation token is invalid.') };
  const [key, label] = place;
  return { isBehind: (entry) => entry.key > key || (entry.key === key && (entry.label ?? '') > label) };
}

/** The content of a PUT, or its refusal. */
export function readKeyValue(call: WireCall, key: string): KeyValueContent | { readonly refusal: Problem } {
  const contentType = (call.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!CONTENT_TYPES.includes(contentType)) {
    const type = 'https://azconfig.io/errors/unsupported-media-type';
    return { refusal: { type, title: 'Unsupported media type', status: 415 } };
  }
  const body = readJsonObject(call.body);
  if (body === undefined) return { refusal: invalid('body', 'The request body is not valid JSON.') };
  const { label = labelOf(call) } = body;
  if (label !== labelOf(call)) return { refusal: invalid('label', 'The label of the body is not that of the query.') };
  const tags = body['tags'] === undefined || body['tags'] === null ? {} : readStrings(body['tags']);
  if (tags === undefined) return { refusal: invalid('tags', 'Tags are pairs of strings.') };
  const { value = '', content_type: type } = body;
  const text = value ?? '';
  if (typeof text !== 'string') return { refusal: invalid('value', 'The value is a string.') };
  const size = Buffer.byteLength(JSON.stringify([key, text, type ?? '', tags]));
  if (size > KEY_VALUE_BYTES_MAXIMUM) {
    return { refusal: invalid('value', 'The key-value is larger than 10 KB.') };
  }
  return { value: text, contentType: typeof type === 'string' ? type : null, tags };
}
