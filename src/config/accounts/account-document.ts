// The document of an account in App Configuration, field by field.
// It must not relate accounts to policies or to each other.
import * as z from 'zod';
import { parseResourceId, type ResourceId } from '../../base/find-resource-type.ts';
import { KNOWN_TYPES, RESOURCE_TYPES } from '../../base/resource-types.ts';
import { NAME, SHARED_GUIDES, sharedShape } from '../policies/policy-document.ts';
import type { Guide } from '../problem.ts';
import { originSchema } from '../urls.ts';

/** As Azure allows them; no period at the end. Separate, because a long s counts as an s under the flags `i` and `u`. */
const RESOURCE_GROUP = /^[\p{L}\p{N}_().-]*[\p{L}\p{N}_()-]$/u;
/**
 * The client of App Configuration does not escape every character of a label: `R&D` would be written as `R`. So only
 * characters are allowed that are known to arrive, and of these none that a filter of the service reads.
 */
const LABEL = /^(?! )[\p{L}\p{N} ._:@/-]{1,64}(?<! )$/u;

const resourceIdSchema = z.string().transform((text, context): ResourceId => {
  const id = parseResourceId(text);
  if (id !== undefined && RESOURCE_GROUP.test(id.resourceGroup)) return id;
  context.issues.push({ code: 'invalid_format', format: 'regex', input: text });
  return z.NEVER;
});

/** The id that a document names, lower-cased, even if the document is not valid; undefined when no id can be found. */
export function namedId(document: string): string | undefined {
  const [, text] = /"resourceId"\s*:\s*"([^"]+)"/.exec(document) ?? [];
  return text !== undefined && parseResourceId(text) !== undefined ? text.toLowerCase().replace(/\/$/, '') : undefined;
}

const SCHEMA = z.strictObject({
  resourceId: resourceIdSchema,
  policy: z.string().regex(NAME).optional(),
  vaultUrl: originSchema.optional(),
  secretName: z
    .string()
    .regex(/^[0-9A-Za-z-]{1,127}$/)
    .optional(),
  ...sharedShape,
  label: z.string().regex(LABEL).optional(),
});

export type AccountDocument = z.infer<typeof SCHEMA>;
export const ACCOUNT_SCHEMA: z.ZodType<AccountDocument> = SCHEMA;

export const ACCOUNT_GUIDES: Readonly<Record<keyof AccountDocument, Guide>> = {
  resourceId: {
    expected: `The ARM id of an account: \`/subscriptions/<id>/resourceGroups/<group>/providers/<type>/<name>\`, where <type> is ${KNOWN_TYPES}.`,
    remedy: `Copy the resource id from the account’s properties, or from ${RESOURCE_TYPES.map(({ showCommand }) => `\`${showCommand}\``).join(' or ')}.`,
  },
  policy: {
    expected: 'The name of a policy: 1 to 64 letters, digits and hyphens.',
    remedy: 'Correct the name, or remove the field to use `default`.',
  },
  vaultUrl: {
    expected: 'The https URL of a key vault, for example `https://contoso.vault.azure.net`.',
    remedy: 'Correct the URL, or remove the field to use `KEY_VAULT_URL`.',
  },
  secretName: {
    expected: 'The name of a secret: 1 to 127 letters, digits and hyphens.',
    remedy: 'Correct the name, or remove the field to use `<alias>-key`.',
  },
  ...SHARED_GUIDES,
  label: {
    expected: 'A label of 1 to 64 letters, digits, and `-`, `_`, `.`, `:`, `@`, `/`, with spaces only in between.',
    remedy: 'Correct the label, or remove the field for key-values without a label.',
  },
};
