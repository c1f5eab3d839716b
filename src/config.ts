// What the service is told: app settings from the environment, accounts and policies from App Configuration.
// It must not read either by itself, nor the clock. Entry files that load before anything may fail take
// `authorizationOf` from `config/authorization.ts`, which loads nothing else.
export { ACCOUNT_PREFIX } from './config/accounts/account.ts';
export {
  DISCOVERY_REASONS,
  type Discovered,
  type DiscoveredAccount,
  type DiscoveryFailure,
  type DiscoveryReason,
  type DiscoveryScope,
  type FoundAccount,
} from './config/accounts/discovered-account.ts';
export { DISCOVERY_KEY, derivedAlias, isInFleet } from './config/accounts/discovery.ts';
export { type Authorization, authorizationOf } from './config/authorization.ts';
export { CONFIGURATION_PREFIX, type Fleet, parseFleet, readFleet } from './config/fleet.ts';
export type { Problem } from './config/problem.ts';
export type { RawKeyValue } from './config/raw-key-value.ts';
export {
  type Environment,
  parseSettings,
  type RecordTable,
  SETTING_NAMES,
  type Settings,
  type SettingsResult,
} from './config/settings.ts';
