// The adapters on Azure Resource Manager, and the probes, which get their endpoints from it. One module, imported when
// the first of them is needed.

export { createProbes } from '../data-plane/probes.ts';
export { createAccountDetails, createKinds } from './account-details.ts';
export { createAccountKeys, createManagement } from './account-keys.ts';
export { createAccountSearch } from './account-search.ts';
export { createGovernor } from './governor.ts';
export { createPosture } from './posture.ts';
