// The handlers that validate a body or a query, as one module, apart from those that timers and monitors call: to make their
// schemas takes longer than to load the code.
export { acknowledgeKey } from '../http/acknowledge.ts';
export { requestCampaign, showCampaigns } from '../http/campaigns.ts';
export { check } from '../http/check.ts';
export { operate } from '../http/operate.ts';
export { show } from '../http/show.ts';
