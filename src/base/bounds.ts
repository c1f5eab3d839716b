// The bounds of what callers may send, and of the lists that they are shown. docs/http-api.md has a row for each, and a
// test reaches each. It must not hold bounds that no caller can reach: these stand where they are kept.

export const BOUNDS = {
  bodyCharacters: 16_384,
  reasonCharacters: 500,
  idempotencyKeyCharacters: 64,
  consumerNameCharacters: 64,
  searchCharacters: 200,
  callerNameCharacters: 128,
  pageEntries: 1_000,
  openEmergencies: 50,
  emergenciesCompared: 20,
  campaignRings: 20,
  ringNameCharacters: 40,
  campaignFailuresShown: 100,
  planAccountsShown: 20,
  healthAccountsNamed: 100,
  vaultSecretsSearched: 500,
  documentsValidated: 50,
  approvalsAtOnce: 100,
} as const;
