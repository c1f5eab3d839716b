// The adapters on the table as one module, imported when the first of them is needed. They share the SDK, and each
// further file would cost a process more than the code of the others.

export { createTableCampaigns } from './campaigns.ts';
export { createCheckStore } from './checks.ts';
export { createTable } from './client.ts';
export { createDiscoveryStore } from './discovery.ts';
export { createHolderRecords } from './holders.ts';
export { createTableNotifications } from './notifications.ts';
export { createTableRecords } from './records.ts';
