// Reads a request to App Configuration: a label, filters, fields, a place in a list, the content of a key-value.
import { type Condition, fitsStore, fitTags, type KeyValueContent } from '../../world/configuration-store.ts';
import type { KeyValueState } from '../../world/key-value.ts';
import { readJsonObject, readStrings, type WireCall } from '../http.ts';
import type { Problem } from './answers.ts';

export const NO_LABEL = '\0';
const FILTER_VALUES_MAXIMUM = 5;
const CONTENT_TYPES = ['application/json', 'application/vnd.microsoft.appconfig.kv+json'];

export function invalid(name: string, detail: string): Problem {
  return {
    type: 'https://azconfig.io/errors/invalid-argument',
    title: `Invalid request parameter '${name}'`,
    name,
    detail,
    status: 400,
  };
}

/** A label that a client does not escape shows as another parameter. */
export function refuseParameters(call: WireCall, known: readonly string[]): Problem | undefined {
  const unknown = call.query.names().find((name) => name !== 'api-version' && !known.includes(name));
  return unknown === undefined ? undefined : invalid(unknown, `The parameter '${unknown}' is not known.`);
}

/** The label of a single key-value. An absent label and `\0` both mean no label. */
export function labelOf(call: WireCall): string | null {
  const label = call.query.get('label');
  return label === undefined || label === '' || label === NO_LABEL ? null : label;
}

/** `"etag"` and `*` in the world's form; absent when the header is absent. */
export function conditionOf(call: WireCall): Condition {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = call.headers;
  return {
    ...(ifMatch === undefined ? {} : { ifMatch: unquote(ifMatch) }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch: unquote(ifNoneMatch) }),
  };
}

function unquote(etag: string): string {
  return etag.trim().replace(/^"(.*)"$/, '$1');
}

export function selectOf(call: WireCall): readonly string[] | undefined {
  const fields = call.query.get('$select');
  return fields === undefined || fields === '' ? undefined : fields.split(',').map((field) => field.trim());
}

type Match = (text: string) => boolean;
export type Refusal = { readonly refusal: Problem };

const matchesAll: Match = () => true;

/** `A*` or `A,B`: an asterisk at the end for a prefix, or up to five values; `\\` escapes a character. */
export function matchOf(name: string, filter: string | undefined): Match | Refusal {
  if (filter === undefined || filter === '' || filter.startsWith('*')) return matchesAll;
  const values = splitEscaped(filter, ',');
  if (values.length > FILTER_VALUES_MAXIMUM) {
    return { refusal: invalid(name, `Too many values. Maximum supported is ${FILTER_VALUES_MAXIMUM}`) };
  }
  const isPrefix = values.length === 1 && piecesOf(filter).at(-1) === '*';
  const texts = (isPrefix ? [filter.slice(0, -1)] : values).map(unescaped);
  const [first] = texts;
  if (texts.includes(undefined) || first === undefined) return { refusal: invalid(name, 'Invalid character') };
  return isPrefix ? (candidate) => candidate.startsWith(first) : (candidate) => texts.includes(candidate);
}

/** Characters, each with its escape. */
function piecesOf(text: string): string[] {
  return [...text.matchAll(/\\.|./gs)].map(([piece]) => piece);
}

/** The parts between separators that are not escaped, still escaped themselves. */
function splitEscaped(text: string, separator: ',' | '='): string[] {
  const parts = [''];
  for (const piece of piecesOf(text)) {
    if (piece === separator) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${piece}`);
  }
  return parts;
}

/** Undefined if it has an asterisk or a comma that is not escaped. */
function unescaped(text: string): string | undefined {
  const pieces = piecesOf(text);
  if (pieces.some((piece) => piece === '*' || piece === ',')) return undefined;
  return pieces.map((piece) => (piece.length > 1 ? piece.slice(1) : piece)).join('');
}

type TagMatch = (tags: Readonly<Record<string, string>>) => boolean;

/** `name=value`; `\\` escapes a character. */
function tagMatchOf(filter: string): TagMatch | Refusal {
  const parts = splitEscaped(filter, '=').map(unescaped);
  const [name, value] = parts;
  if (parts.length !== 2 || name === undefined || name.trim() === '' || value === undefined) {
    return { refusal: invalid('tags', 'Invalid tag filter') };
  }
  return (tags) => tags[name] === value;
}

/** A predicate for the key-values that a list asks for. */
export function acceptsOf(call: WireCall): { readonly accepts: (entry: KeyValueState) => boolean } | Refusal {
  const isKey = matchOf('key', call.query.get('key'));
  if ('refusal' in isKey) return isKey;
  const isLabel = matchOf('label', call.query.get('label'));
  if ('refusal' in isLabel) return isLabel;
  const tags: TagMatch[] = [];
  for (const filter of call.query.all('tags').filter((text) => text.trim() !== '')) {
    const hasTag = tagMatchOf(filter);
    if ('refusal' in hasTag) return hasTag;
    tags.push(hasTag);
  }
  const accepts = (entry: KeyValueState): boolean =>
    isKey(entry.key) && isLabel(entry.label ?? NO_LABEL) && tags.every((hasTag) => hasTag(entry.tags));
  return { accepts };
}

/** The instant that a read of the past asks for; undefined for the present. */
export function instantOf(call: WireCall): number | undefined {
  const instant = Date.parse(String(call.headers['accept-datetime'] ?? ''));
  return Number.isNaN(instant) ? undefined : instant;
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
  if (!fitTags(tags))
    return { refusal: invalid('tags', 'A tag has 256 characters at most, and no control character.') };
  const { value = '', content_type: type } = body;
  // The emulator takes a number for the text of the number.
  const text = typeof value === 'number' ? String(value) : (value ?? '');
  if (typeof text !== 'string') return { refusal: invalid('value', 'The value is a string.') };
  const content = { value: text, contentType: typeof type === 'string' ? type : null, tags };
  return fitsStore(key, content) ? content : { refusal: invalid('value', 'The key-value is larger than 10 KB.') };
}
