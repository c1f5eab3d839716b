// The document of an account in App Configuration, field by field.
// It must not relate accounts to policies or to each other.
import * as z from 'zod';
import { NAME, SHARED_GUIDES, sharedShape } from '../policies/policy-document.ts';
import type { Guide } from '../problem.ts';
import { originSchema } from '../urls.ts';

/** Case-insensitive as ARM is; the names keep the case in which they were written. */
const RESOURCE_ID =
  /^\/subscriptions\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/resourceGroups\/([^\s/]{1,90})\/providers\/Microsoft\.CognitiveServices\/accounts\/([A-Z0-9][A-Z0-9_.-]{1,63})\/?$/i;
/** As Azure allows them; no period at the end. Separate, because a long s counts as an s under the flags `i` and `u`. */
const RESOURCE_GROUP = /^[\p{L}\p{N}_().-]*[\p{L}\p{N}_()-]$/u;
/**
 * The client of App Configuration does not escape every character of a label: `R&D` would be written as `R`. So only
 * characters are allowed that are known to arrive, and of these none that a filter of the service reads.
 */
const LABEL = /^(?! )[\p{L}\p{N} ._:@/-]{1,64}(?<! )$/u;

export interface ResourceId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

const resourceIdSchema = z.string().transform((text, context): ResourceId => {
  const [, subscriptionId, resourceGroup, name] = RESOURCE_ID.exec(text) ?? [];
  const isComplete = subscriptionId !== undefined && resourceGroup !== undefined && name !== undefined;
  if (isComplete && RESOURCE_GROUP.test(resourceGroup)) {
    return { subscriptionId, resourceGroup, name };
  }
  context.issues.push({ code: 'invalid_format', format: 'regex', input: text });
  return z.NEVER;
});

/** The id that a document names, lower-cased, even if the document is not valid; undefined when no id can be found. */
export function namedId(document: string): string | undefined {
  const [, text] = /"resourceId"\s*:\s*"([^"]+)"/.exec(document) ?? [];
  return text !== undefined && RESOURCE_ID.test(text) ? text.toLowerCase().replace(/\/$/, '') : undefined;
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
    expected:
      'The ARM id of an account: `/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.CognitiveServices/accounts/<name>`.',
    remedy:
      'Copy the resource id from the account’s properties, or from `az cognitiveservices account show --query id`.',
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
