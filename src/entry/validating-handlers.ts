// The handlers that validate a body or a query, as one module. It is apart from the handlers that timers and monitors
// call, because making the schemas takes longer than loading the code.
export { acknowledgeKey } from '../http/acknowledge.ts';
export { approveAccounts, validateAccounts } from '../http/bulk.ts';
export { requestCampaign, showCampaigns } from '../http/campaigns.ts';
export { check } from '../http/check.ts';
export { freeze, showFreeze, unfreeze } from '../http/freeze.ts';
export { operate } from '../http/operate.ts';
export { show } from '../http/show.ts';
export { withdrawRequest } from '../http/withdraw.ts';
