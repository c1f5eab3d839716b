// The adapters on the table as one module, imported when the first of them is needed: they share the SDK, and each further
// file would cost a process more than the code of the others.

export { createTableCampaigns } from './table-campaigns.ts';
export { createCheckStore } from './table-checks.ts';
export { createDiscoveryStore } from './table-discovery.ts';
export { createTableNotifications } from './table-notifications.ts';
export { createTableRecords } from './table-records.ts';
