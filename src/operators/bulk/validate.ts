// Validates documents of accounts as the service would read them next to its present configuration. Stores nothing.
import { ACCOUNT_PREFIX } from '../../config/accounts/account.ts';
import { shownName } from '../../config/problem.ts';
import type { ValidationAnswer } from '../answers/bulk.ts';
import type { EnrolmentParts } from '../ports.ts';

export interface ProposedDocument {
  readonly alias: string;
  /** The document as it would be written. */
  readonly document: Readonly<Record<string, unknown>>;
}

export async function validateDocuments(
  parts: EnrolmentParts,
  proposed: readonly ProposedDocument[],
): Promise<ValidationAnswer> {
  const keyValues = proposed.map(({ alias, document }) => ({
    key: `${ACCOUNT_PREFIX}${alias}`,
    value: JSON.stringify(document),
    contentType: 'application/json',
  }));
  const { fleet, listed } = await parts.fleetWithDocuments(keyValues);
  const documents = proposed.map(({ alias }) => ({
    alias: shownName(alias),
    isListed: listed.has(`${ACCOUNT_PREFIX}${alias}`),
    problems: fleet.problems.filter(({ account }) => account === shownName(alias)),
  }));
  return { isValid: documents.every(({ problems }) => problems.length === 0), documents };
}
