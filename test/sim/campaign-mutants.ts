// Deliberate bugs in the core and the driver of campaigns. The checkers must see every one.
// `find` must stand exactly once in its file, so that the list keeps in step with the code.

export interface CampaignMutant {
  readonly name: string;
  /** Below `src`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const one = (name: string, file: string, find: string, replace: string): CampaignMutant => ({
  name,
  file,
  find,
  replace,
});

const PROGRESS = 'fleet/campaign/rules/progress.ts';
const JUDGE = 'fleet/campaign/rules/judge.ts';
const ADVANCE = 'fleet/campaign/advance.ts';
const TURN = 'fleet/campaign/turn.ts';

export const CAMPAIGN_MUTANTS: readonly CampaignMutant[] = [
  one('forgets the cap per subscription', PROGRESS, 'Math.min(free, Math.floor(allowed))', 'Math.floor(allowed)'),
  one(
    'does not count what it has just chosen',
    PROGRESS,
    'rooms.set(subscription, room - 1);',
    'rooms.set(subscription, room);',
  ),
  one('forgets the cap per vault', PROGRESS, 'if (room <= 0 || isVaultFull) continue;', 'if (room <= 0) continue;'),
  one('begins the next ring too early', PROGRESS, 'if (open + inFlight + published > 0)', 'if (open > 0)'),
  one('takes published for completed', PROGRESS, 'if (open + inFlight + published > 0)', 'if (open + inFlight > 0)'),
  one('does not bake', PROGRESS, 'return now >= ring.endedAt + bakeOf(campaign);', 'return now >= ring.endedAt;'),
  one('halts one failure too late', PROGRESS, 'if (failures > maxFailures)', 'if (failures > maxFailures + 1)'),
  one(
    'goes on after a ring that has failed as a whole',
    PROGRESS,
    'const isWhole = failures > 0 && counts.failed === total;',
    'const isWhole = false;',
  ),
  one(
    'halts again for a whole ring that was forgiven',
    PROGRESS,
    'const isWhole = failures > 0 && counts.failed === total;',
    'const isWhole = total > 0 && counts.failed === total;',
  ),
  one('never halts', PROGRESS, "return enter(campaign, 'halted'", "return enter(campaign, 'running'"),
  one('halts again for what was forgiven', PROGRESS, 'counts.failed - forgiven', 'counts.failed'),
  one(
    'does not look again before the next ring',
    ADVANCE,
    "if (campaign.wish.waitFor === 'published') {",
    "if (campaign.wish.waitFor === 'completed') {",
  ),
  one('overlooks a roll back', JUDGE, "return record.rolledBack ? 'rolledBack' : 'published';", "return 'published';"),
  one(
    'overlooks a block',
    JUDGE,
    'if (blocked !== undefined) return settled(fail(member, blocked, now));\n      const isHeld',
    'const isHeld',
  ),
  one(
    'waits for a rotation that it never asks for',
    JUDGE,
    'isToBeAsked: isAtRest && !sighting.isAsked',
    'isToBeAsked: false',
  ),
  one('asks inside another rotation', JUDGE, "if (phase === 'idle') return", 'if (phase.length > 0) return'),
  one(
    'takes the rotation before for its own',
    JUDGE,
    'record.record.rotationId > from ?',
    'record.record.rotationId >= from ?',
  ),
  one(
    'starts while it is paused or aborted',
    ADVANCE,
    "if (campaign.state !== 'running') return { started: 0, isHeldBack: false };",
    '',
  ),
  one(
    'goes on asking after a halt',
    ADVANCE,
    "if (turn.campaign.state === 'running') await askAndPass(turn, toAsk, until);",
    'await askAndPass(turn, toAsk, until);',
  ),
  one(
    'asks before it notes',
    ADVANCE,
    '    if (isToBeAsked) toAsk.push(member);',
    '    if (isToBeAsked) await turn.ask(member);',
  ),
  one(
    'leaves members in flight that were never asked',
    ADVANCE,
    'await turn.write(unasked.map((was) => ({ was, now: reopened(was) })));',
    '',
  ),
  one('counts nobody', PROGRESS, 'if (now?.ring === index) counts[now.state]++;', ''),
  one(
    'aborts and forgets who is in flight',
    PROGRESS,
    "case 'aborting':\n      return inFlightOf(campaign) === 0",
    "case 'aborting':\n      return inFlightOf(campaign) >= 0",
  ),
  one(
    'enrols everybody again after a crash',
    'fleet/campaign/create.ts',
    'const missing = members.filter((member) => !present.has(placeOf(member)));',
    'const missing = members;',
  ),
  one(
    'adds members and takes none for lost',
    'fleet/campaign/create.ts',
    'for (let start = 0; start < moves.length;',
    'for (let start = 1; start < moves.length;',
  ),
  one(
    'asks a second time',
    TURN,
    'id: requestIdOf(campaign.id), kind',
    'id: `${campaign.id}-${at}` as Request["id"], kind',
  ),
];
