// Lists the calls that a connectivity check would make, for an operator to see before it starts.
// It must not call anything itself. It must list every call of check.ts, posture.ts and on-request.ts.
import { BOUNDS } from '../../base/bounds.ts';
import type { Account } from '../../rotation/model.ts';
import type { CheckPlan } from '../answers/check.ts';
import type { CheckOptions } from './check.ts';

/** As Key Vault lists them. */
const SECRETS_PER_PAGE = 25;

export function planCheck(account: Account, { isVaultSearched }: CheckOptions): CheckPlan {
  const { name, secretName, referenceKey, flagName } = account;
  const search = [
    { call: 'Table: note that the vault is searched', count: 2 },
    {
      call: 'Key Vault: list the secrets of the vault',
      count: Math.ceil(BOUNDS.vaultSecretsSearched / SECRETS_PER_PAGE),
    },
    { call: 'Key Vault: get the newest version of each other secret', count: BOUNDS.vaultSecretsSearched },
  ];
  const calls = [
    { call: 'App Configuration: read the accounts of the service', count: 2 },
    { call: 'Table: read the record', count: 1 },
    { call: `Key Vault: get the newest version of the secret ${secretName}`, count: 1 },
    { call: `App Configuration: get ${referenceKey} and the feature flag ${flagName}`, count: 1 },
    { call: `Azure Resource Manager: list the keys of ${name}`, count: 1 },
    { call: `Azure Resource Manager: read ${name}`, count: 2 },
    { call: `Azure Resource Manager: list what this identity may do on ${name}`, count: 1 },
    { call: `AI services: one harmless call to ${name} with each key`, count: 2 },
    { call: `AI services: one harmless call to ${name} with a Microsoft Entra token`, count: 1 },
    { call: 'AI services: exchange the published key for a token, where the kind does', count: 1 },
    ...(isVaultSearched ? search : []),
    { call: 'Table: keep the result of the check', count: 1 },
  ];
  return {
    account: account.alias,
    calls,
    total: calls.reduce((sum, { count }) => sum + count, 0),
    others:
      'Nothing is changed, and no application is affected: the calls count against the limits of the account alone.',
  };
}
