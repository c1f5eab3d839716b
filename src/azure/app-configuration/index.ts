// The adapters on App Configuration as one module: the service's own settings, its announcements, and the freeze.
export { createAnnouncements } from './announcements.ts';
export { createConfigurationSource } from './configuration-source.ts';
export { createFreeze } from './freeze.ts';
