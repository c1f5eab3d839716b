// The handlers that validate a body or a query, as one module, apart from those that timers and monitors call: to make their
// schemas takes longer than to load the code.
export { acknowledgeKey } from './acknowledge.ts';
export { requestCampaign, showCampaigns } from './campaigns.ts';
export { check } from './check.ts';
export { operate } from './operate.ts';
export { show } from './show.ts';
