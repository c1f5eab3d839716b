// Every command, in the order of the help.
import type { Runnable } from './command.ts';
import { approve } from './commands/approve.ts';
import { campaign, campaigns, startCampaign } from './commands/campaign.ts';
import { check } from './commands/check.ts';
import { compromised } from './commands/compromised.ts';
import { freeze, unfreeze } from './commands/freeze.ts';
import { importAccounts } from './commands/import-accounts.ts';
import { pause, resume, rollback, rotate } from './commands/operate.ts';
import { requests } from './commands/requests.ts';
import { status } from './commands/status.ts';
import { watch } from './commands/watch.ts';

export const COMMANDS: readonly Runnable[] = [
  status,
  watch,
  check,
  rotate,
  compromised,
  rollback,
  approve,
  pause,
  resume,
  freeze,
  unfreeze,
  requests,
  startCampaign,
  campaigns,
  campaign,
  importAccounts,
];
