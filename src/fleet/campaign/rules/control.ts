// The words of operators to a campaign, and their effects. Pure. Rotations under way are never touched.
import type { Campaign, CampaignState } from './model.ts';
import { enter, settle } from './progress.ts';

export const CONTROLS = ['pause', 'resume', 'abort'] as const;
export type Control = (typeof CONTROLS)[number];

const ALLOWED: Readonly<Record<Control, readonly CampaignState[]>> = {
  pause: ['running'],
  resume: ['paused', 'halted'],
  abort: ['creating', 'running', 'paused', 'halted'],
};
/** States in which the word changes nothing, because it is in force already. */
const ALREADY: Readonly<Record<Control, readonly CampaignState[]>> = {
  pause: ['paused'],
  resume: ['running'],
  abort: ['aborting', 'aborted'],
};

/** The campaign after an operator's word: the same object if it changes nothing, undefined if the state forbids it. */
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

/** An operator who resumes has seen the failures so far. Only further failures halt again. */
function forgiving(campaign: Campaign): Campaign {
  return { ...campaign, rings: campaign.rings.map((ring) => ({ ...ring, forgiven: ring.counts.failed })) };
}
