// What operators may do to a campaign, and what becomes of it. Pure. Rotations under way are never touched.
import type { Campaign, CampaignState } from './model.ts';
import { enter, settle } from './progress.ts';

export const CONTROLS = ['pause', 'resume', 'abort'] as const;
export type Control = (typeof CONTROLS)[number];

const ALLOWED: Readonly<Record<Control, readonly CampaignState[]>> = {
  pause: ['running'],
  resume: ['paused', 'halted'],
  abort: ['creating', 'running', 'paused', 'halted'],
};
/** Where asking changes nothing, because it is so already. */
const ALREADY: Readonly<Record<Control, readonly CampaignState[]>> = {
  pause: ['paused'],
  resume: ['running'],
  abort: ['aborting', 'aborted'],
};

/** The campaign after the word of an operator: the same object when it was so already, undefined when it cannot be. */
export function control(
  campaign: Campaign,
  word: Control,
  { by, reason, now }: { readonly by: string; readonly reason: string; readonly now: number },
): Campaign | undefined {
  if (ALREADY[word].includes(campaign.state)) return campaign;
  if (!ALLOWED[word].includes(campaign.state)) return undefined;
  switch (word) {
    case 'pause':
      return enter(campaign, 'paused', by, now, reason);
    case 'resume':
      return enter(forgiving(campaign), 'running', by, now, reason);
    case 'abort':
      return settle(enter(campaign, 'aborting', by, now, reason), now);
  }
}

/** Who resumes has seen the failures so far; only further ones halt again. */
function forgiving(campaign: Campaign): Campaign {
  return { ...campaign, rings: campaign.rings.map((ring) => ({ ...ring, forgiven: ring.counts.failed })) };
}
