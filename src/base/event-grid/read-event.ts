// Reads the hint in an event: a secret or an account to look at now. Total and lenient: accepts both the Event Grid and
// the CloudEvents schema. It must not decide anything on the content.
//
// Sources: the event schemas of Key Vault and of Azure Resource Manager's action events (docs/events.md).
import { startsWithAccount } from '../find-resource-type.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import { dataOf, textOf, typeOf, urlOf } from './event-fields.ts';

export type EventHint =
  | {
      readonly kind: 'secret';
      /** Host name of the vault, or only its first label if the event holds no more. */
      readonly vault: string;
      readonly secretName: string;
    }
  | {
      readonly kind: 'account';
      /** Lower-cased ARM id. */
      readonly accountId: string;
    };

/** The event types that are understood, in lower case; the templates subscribe to these. */
const SECRET_TYPES = [
  'microsoft.keyvault.secretnewversioncreated',
  'microsoft.keyvault.secretnearexpiry',
  'microsoft.keyvault.secretexpired',
];
const ACTION_TYPE = 'microsoft.resources.resourceactionsuccess';
export const EVENT_TYPES: readonly string[] = [...SECRET_TYPES, ACTION_TYPE];
/** The only operations of `ACTION_TYPE` that are understood, in lower case: one for each type of account. */
export const REGENERATE_OPERATIONS: readonly string[] = RESOURCE_TYPES.map(({ actions }) =>
  actions.regenerate.toLowerCase(),
);

/** Undefined if the event is not about a secret or a regenerated key. Never throws. */
export function readEvent(event: unknown): EventHint | undefined {
  const type = typeOf(event);
  const data = dataOf(event);
  if (SECRET_TYPES.includes(type)) return secretHint(event, data);
  if (type === ACTION_TYPE) return accountHint(event, data);
  return undefined;
}

function secretHint(event: unknown, data: unknown): EventHint | undefined {
  const url = urlOf(textOf(data, 'Id'));
  const vault = url?.host ?? textOf(data, 'VaultName');
  const secretName = textOf(data, 'ObjectName') ?? url?.pathname.split('/')[2] ?? textOf(event, 'subject');
  if (vault === undefined || secretName === undefined) return undefined;
  return { kind: 'secret', vault: vault.toLowerCase(), secretName: secretName.toLowerCase() };
}

function accountHint(event: unknown, data: unknown): EventHint | undefined {
  if (!REGENERATE_OPERATIONS.includes(textOf(data, 'operationName')?.toLowerCase() ?? '')) return undefined;
  const accountId = startsWithAccount((textOf(data, 'resourceUri') ?? textOf(event, 'subject') ?? '').toLowerCase());
  return accountId === undefined ? undefined : { kind: 'account', accountId };
}
