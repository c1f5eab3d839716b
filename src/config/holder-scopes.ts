// The setting `HOLDERS`: the kinds of holders that are searched, and where. Without it the feature is off.
// It must not know an adapter.
import * as z from 'zod';
import { HOLDER_KINDS, type HolderKind } from '../holders/model.ts';

export type HolderScopes = Readonly<Partial<Record<HolderKind, readonly string[]>>>;

const SCOPE =
  /^\/subscriptions\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\/resourcegroups\/[\p{L}\p{N}_().-]{1,90})?$/u;
/** Each scope costs a list of its resources in every search. */
const SCOPES_MAXIMUM = 100;

/** Pairs of a kind and a scope, with commas between them. Undefined if a pair cannot be understood. */
function parseHolderScopes(text: string): HolderScopes | undefined {
  const pairs = text.split(',').map((pair) => pair.trim().split('='));
  if (pairs.length > SCOPES_MAXIMUM) return undefined;
  const scopes: Partial<Record<HolderKind, readonly string[]>> = {};
  for (const [name, given, ...rest] of pairs) {
    const kind = HOLDER_KINDS.find((known) => known === name?.trim());
    const scope = given?.trim().toLowerCase().replace(/\/$/, '');
    if (kind === undefined || scope === undefined || rest.length > 0 || !SCOPE.test(scope)) return undefined;
    scopes[kind] = [...new Set([...(scopes[kind] ?? []), scope])];
  }
  return scopes;
}

export const holdersSchema = z.string().transform((text, context): HolderScopes => {
  const scopes = parseHolderScopes(text);
  if (scopes !== undefined) return scopes;
  context.issues.push({ code: 'invalid_format', format: 'regex', input: text });
  return z.NEVER;
});
