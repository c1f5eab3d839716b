// The exports for applications.
export { type AcknowledgeOptions, acknowledgeOverHttp } from './acknowledge.ts';
export { createKeyConsumer, type KeyConsumer, type KeyConsumerOptions } from './key-consumer.ts';
export { createKeyFetch, type KeyFetchOptions } from './key-fetch.ts';
export {
  type ConsumedKey,
  createReferenceSource,
  createVaultSource,
  type KeySource,
  type ReferenceSourceOptions,
  type SecretReader,
  type SettingReader,
  type VaultSourceOptions,
} from './key-source.ts';
export type { Outcome } from './outcome.ts';
export { SecretValue } from './secret-value.ts';
export { createTokenExchange, type TokenExchange, type TokenExchangeOptions } from './token-exchange.ts';
