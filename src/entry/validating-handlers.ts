// The handlers that validate a body or a query, as one module. It is apart from the handlers that timers and monitors
// call, because making the schemas takes longer than loading the code.
export { acknowledgeKey } from '../http/handlers/acknowledge.ts';
export { approveAccounts, validateAccounts } from '../http/handlers/bulk.ts';
export { requestCampaign, showCampaigns } from '../http/handlers/campaigns.ts';
export { check } from '../http/handlers/check.ts';
export { freeze, showFreeze, unfreeze } from '../http/handlers/freeze.ts';
export { operate } from '../http/handlers/operate.ts';
export { show } from '../http/handlers/show.ts';
export { withdrawRequest } from '../http/handlers/withdraw.ts';
