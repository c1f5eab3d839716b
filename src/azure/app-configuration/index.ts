// The two adapters on App Configuration as one module: what the service is told there, and what it announces there.
export { createAnnouncements } from './announcements.ts';
export { createConfigurationSource } from './configuration-source.ts';
