// The two adapters on App Configuration as one module: the service's own settings, and its announcements.
export { createAnnouncements } from './announcements.ts';
export { createConfigurationSource } from './configuration-source.ts';
