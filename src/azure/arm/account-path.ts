// The path of an account in Azure Resource Manager, with the api-version of its type.
// It must not send anything.
import { findResourceType } from '../../base/find-resource-type.ts';
import { KNOWN_TYPES, type ResourceType } from '../../base/resource-types.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { Account, AccountId } from '../../rotation/model.ts';

/** Throws for the id of a type that this version does not know. */
export function typeOf({ id }: Pick<Account, 'id'>): ResourceType {
  const row = findResourceType(id);
  if (row !== undefined) return row;
  throw new RotationError({
    code: 'Misconfigured',
    service: 'arm',
    operation: 'findType',
    message: `The account is of a type that this version does not rotate: it rotates ${KNOWN_TYPES}.`,
  });
}

/** `operation`: a part below the account. Absent: the account itself. */
export function pathOf(account: Account, operation?: string): string {
  const { type, apiVersion } = typeOf(account);
  const group = encodeURIComponent(account.resourceGroup);
  const resource = `/subscriptions/${account.subscriptionId}/resourceGroups/${group}/providers/${type}/${encodeURIComponent(account.name)}`;
  return `${resource}${operation === undefined ? '' : `/${operation}`}?api-version=${apiVersion}`;
}

/** The path of the account that an id names. */
export function pathOfId(id: AccountId): string {
  const segments = id.split('/').map((segment) => encodeURIComponent(segment));
  return `${segments.join('/')}?api-version=${typeOf({ id }).apiVersion}`;
}
