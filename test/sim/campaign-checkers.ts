// What must hold of a campaign at every call and at its end, told by the world and not by the campaign's own counts.
import type { Campaign, Member } from '../../src/fleet/campaign/rules/model.ts';
import type { Account } from '../../src/rotation/model.ts';
import { CAMPAIGN, type CampaignUniverse } from './campaign-universe.ts';

export type Complain = (text: string) => void;

function campaignOf({ campaigns }: CampaignUniverse): Campaign | undefined {
  return campaigns.rows.get(CAMPAIGN)?.campaign;
}

function membersOf({ campaigns }: CampaignUniverse): readonly Member[] {
  return [...campaigns.members.values()];
}

/** Asked by the campaign and not published yet, wherever the campaign believes it to be. */
function isFlying(universe: CampaignUniverse, account: Account): boolean {
  const record = universe.recordOf(account);
  return record.phase === 'preparing' || (record.phase === 'idle' && universe.isAsked(account));
}

/** `account` is about to be asked for the first time. */
export function checkAsking(
  universe: CampaignUniverse,
  account: Account,
  beganInState: string,
  complain: Complain,
): void {
  const campaign = campaignOf(universe);
  if (campaign === undefined) {
    complain(`${account.alias} is asked without a campaign`);
    return;
  }
  const members = membersOf(universe);
  const member = members.find(({ accountId }) => accountId === account.id);
  if (member === undefined) {
    complain(`${account.alias} is asked and is no member`);
    return;
  }
  if (beganInState !== 'running' && beganInState !== 'creating')
    complain(`${account.alias} is asked by a turn that began ${beganInState}`);
  if (universe.isBlocked(account)) complain(`${account.alias} is asked although it is blocked`);
  if (universe.recordOf(account).phase !== 'idle') complain(`${account.alias} is asked in the middle of a rotation`);
  const { perSubscription, perVault } = universe.scenario.wish;
  const flying = universe.all.filter(
    (other) => other !== account && isFlying(universe, other) && !hasFailed(members, other),
  );
  if (flying.filter((other) => other.subscriptionId === account.subscriptionId).length >= perSubscription) {
    complain(`${account.alias} is asked over the cap of its subscription`);
  }
  if (flying.filter((other) => other.vaultUrl === account.vaultUrl).length >= perVault) {
    complain(`${account.alias} is asked over the cap of its vault`);
  }
  checkFailures(universe, members, member, complain);
  for (const earlier of members.filter(({ ring }) => ring < member.ring)) {
    checkEarlier(universe, account, earlier, complain);
  }
}

/** No more failures than are allowed, and no ring that has failed as a whole, unless an operator has forgiven them. */
function checkFailures(
  universe: CampaignUniverse,
  members: readonly Member[],
  { alias, ring: own }: Member,
  complain: Complain,
): void {
  const { words, wish } = universe.scenario;
  if (Object.values(words).includes('resume')) return;
  for (let ring = 0; ring <= own; ring++) {
    const inRing = members.filter((member) => member.ring === ring);
    const failed = inRing.filter(({ state }) => state === 'failed').length;
    if (failed > wish.maxFailures) complain(`${alias} is asked after ${failed} failures in ring ${ring}`);
    if (failed > 0 && failed === inRing.length) complain(`${alias} is asked after all of ring ${ring} have failed`);
  }
}

function checkEarlier(universe: CampaignUniverse, { alias }: Account, earlier: Member, complain: Complain): void {
  const { bakeMs, waitFor } = universe.scenario.wish;
  if (earlier.state === 'open' || earlier.state === 'inFlight') {
    complain(`${alias} is asked before ${earlier.alias} of an earlier ring has ended`);
  }
  if (waitFor === 'completed' && earlier.state === 'published') {
    complain(`${alias} is asked before ${earlier.alias} of an earlier ring has completed`);
  }
  if (earlier.endedAt !== undefined && earlier.state !== 'failed' && universe.now < earlier.endedAt + bakeMs) {
    complain(`${alias} is asked before the bake after ${earlier.alias} is over`);
  }
}

function hasFailed(members: readonly Member[], { id }: Account): boolean {
  return members.some(({ accountId, state }) => accountId === id && state === 'failed');
}

/** After every write: nobody is lost or doubled, and the counts are those of the members. */
export function checkRows(universe: CampaignUniverse, complain: Complain): void {
  const campaign = campaignOf(universe);
  // One that was aborted while it was created has no rings yet.
  if (campaign === undefined || campaign.rings.length === 0) return;
  const members = membersOf(universe);
  const ids = new Set(members.map(({ accountId }) => accountId));
  if (members.length !== universe.all.length || ids.size !== members.length) {
    complain(`there are ${members.length} members of ${ids.size} accounts instead of ${universe.all.length}`);
  }
  for (const [index, ring] of campaign.rings.entries()) {
    const inRing = members.filter((member) => member.ring === index);
    for (const state of ['open', 'inFlight', 'published', 'done', 'failed'] as const) {
      const counted = inRing.filter((member) => member.state === state).length;
      if (ring.counts[state] !== counted)
        complain(`ring ${ring.name} counts ${ring.counts[state]} ${state}, not ${counted}`);
    }
  }
  for (const [id, begun] of universe.begun) if (begun > 1) complain(`${id} was rotated ${begun} times`);
}

/** The faults have ended, and so has the campaign, or should have. */
export function checkEnd(universe: CampaignUniverse, complain: Complain): void {
  const campaign = campaignOf(universe);
  const { ends } = universe.scenario;
  if (campaign?.state !== ends) complain(`it ends ${campaign?.state ?? 'nowhere'} instead of ${ends}`);
  if (campaign?.nextAdvanceAt !== undefined && ends !== 'halted') complain('it is over and asks to be looked at again');
  for (const member of membersOf(universe)) {
    const account = universe.all.find(({ id }) => id === member.accountId);
    if (account === undefined) continue;
    const begun = universe.begun.get(account.id) ?? 0;
    const behaviour = universe.behaviourOf(account);
    if (member.state === 'inFlight') complain(`${member.alias} is left in flight`);
    if (ends === 'completed' && member.state !== 'done' && member.state !== 'failed')
      complain(`${member.alias} is left ${member.state}`);
    const isSound = behaviour === 'rotates' || behaviour === 'isBusy';
    if (member.state === 'failed' && isSound) complain(`${member.alias} failed (${member.reason ?? ''}) and behaved`);
    if (member.state === 'done' && behaviour === 'blocks') complain(`${member.alias} is done and blocked`);
    if (member.state === 'done' && behaviour === 'rotates' && begun !== 1)
      complain(`${member.alias} is done after ${begun} rotations`);
    if (member.state === 'open' && begun > 0 && ends !== 'aborted') complain(`${member.alias} is open and was rotated`);
    if (behaviour === 'isBusy' && begun > 0) complain(`${member.alias} was rotated right behind another rotation`);
  }
}
