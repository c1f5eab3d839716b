// The two adapters on App Configuration as one module: what the service is told there, and what it announces there.
export { createAnnouncements } from './app-configuration.ts';
export { createConfigurationSource } from './configuration-source.ts';
