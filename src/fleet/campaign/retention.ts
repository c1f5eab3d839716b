// How long campaigns that are over are kept. They are looked for when a new one is made, so that their number does not grow
// with the years; no timer asks for them.
// It must not touch one that is not over.

import type { Log } from '../../base/log.ts';
import { errorFields } from '../../rotation/errors.ts';
import type { CampaignParts } from './ports.ts';

const KEPT_MS = 365 * 24 * 3_600_000;

/** Never rejects: the new campaign is stored, and what could not be removed is tried again with the next one. */
export async function forgetOldCampaigns({ campaigns, clock }: CampaignParts, log: Log): Promise<void> {
  try {
    const count = await campaigns.forget(clock.now() - KEPT_MS);
    if (count > 0) log('info', 'campaignsForgotten', { count });
  } catch (error) {
    log('warn', 'campaignsNotForgotten', errorFields(error));
  }
}
