// Removes campaigns that have been over for a year. Runs when a new campaign is made, so that their number does not
// grow with the years; no timer runs it.
// It must not touch a campaign that is not over.

import type { Log } from '../../base/log.ts';
import { errorFields } from '../../rotation/errors.ts';
import type { CampaignParts } from './ports.ts';

const KEPT_MS = 365 * 24 * 3_600_000;

/** Never rejects: the new campaign is stored, and the next one tries again to remove the rest. */
export async function forgetOldCampaigns({ campaigns, clock }: CampaignParts, log: Log): Promise<void> {
  try {
    const count = await campaigns.forget(clock.now() - KEPT_MS);
    if (count > 0) log('info', 'campaignsForgotten', { count });
  } catch (error) {
    log('warn', 'campaignsNotForgotten', errorFields(error));
  }
}
