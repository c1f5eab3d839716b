// One run of a scenario: minute by minute the timer, the operator, and a turn at the campaign whose calls may fail.
// Every call to a store may fail before or after its effect, or end the process; which one is a choice of the odometer.

import { advance } from '../../src/fleet/campaign/advance.ts';
import { enrol, storeCampaign } from '../../src/fleet/campaign/create.ts';
import type { CampaignsPort } from '../../src/fleet/campaign/ports.ts';
import { type Control, control } from '../../src/fleet/campaign/rules/control.ts';
import { type CampaignWork, Turn } from '../../src/fleet/campaign/turn.ts';
import { RotationError } from '../../src/rotation/errors.ts';
import { checkAsking, checkEnd, checkRows } from './campaign-checkers.ts';
import { CAMPAIGN, CampaignUniverse, MINUTE, type Scenario } from './campaign-universe.ts';
import type { Choose } from './odometer.ts';

const MINUTES = 80;
const FAULTS = ['none', 'failBefore', 'failAfter', 'crashBefore', 'crashAfter'] as const;
const READ_FAULTS = 2;

export interface Run {
  /** The first thing that went wrong. */
  readonly violation: string | undefined;
  readonly trace: readonly string[];
}

/** `faults`: how many calls may fail; `faultMinutes`: calls of later minutes do not. */
export async function runCampaign(scenario: Scenario, faults: number, choose: Choose): Promise<Run> {
  const universe = new CampaignUniverse(scenario);
  const trace: string[] = [];
  let violation: string | undefined;
  let left = faults;
  const complain = (text: string): void => {
    violation ??= `minute ${universe.now / MINUTE}: ${text}`;
  };
  const lost = (): RotationError =>
    new RotationError({ code: 'Unavailable', service: 'table', operation: 'simulated', message: 'No answer.' });

  const workOf = (): CampaignWork => {
    let isCrashed = false;
    const began = universe.campaigns.rows.get(CAMPAIGN)?.campaign.state ?? 'creating';
    const call = async <T>(name: string, isEffect: boolean, act: () => Promise<T>): Promise<T> => {
      if (isCrashed) throw lost();
      const fault = left === 0 ? 'none' : (FAULTS[choose(isEffect ? FAULTS.length : READ_FAULTS)] ?? 'none');
      if (fault !== 'none') left--;
      trace.push(`${universe.now / MINUTE} ${name} ${fault}`);
      isCrashed = fault === 'crashBefore' || fault === 'crashAfter';
      if (fault === 'failBefore' || fault === 'crashBefore') throw lost();
      const answer = await act();
      checkRows(universe, complain);
      if (fault !== 'none') throw lost();
      return answer;
    };
    const { campaigns, records } = universe;
    const faulty: CampaignsPort = {
      list: () => call('list', false, () => campaigns.list()),
      listAll: () => call('listAll', false, () => campaigns.listAll()),
      forget: (before) => call('forget', true, () => campaigns.forget(before)),
      read: (id) => call('readCampaign', false, () => campaigns.read(id)),
      insert: (campaign) => call('insert', true, () => campaigns.insert(campaign)),
      write: (campaign, etag, moves) => call('write', true, () => campaigns.write(campaign, etag, moves)),
      listMembers: (id, query) => call(`list ${query.state}`, false, () => campaigns.listMembers(id, query)),
    };
    return {
      accounts: () => Promise.resolve(universe.accounts()),
      campaigns: faulty,
      clock: { now: () => universe.now },
      concurrency: 1,
      log: () => undefined,
      startsAllowed: () => Number.POSITIVE_INFINITY,
      sleep: () => Promise.resolve(),
      pass: (account) =>
        call(`pass ${account.alias}`, false, async () => {
          universe.pass(account);
        }).catch(() => undefined),
      records: {
        read: (account) => call(`read ${account.alias}`, false, () => records.read(account)),
        listStatus: () => call('listStatus', false, () => records.listStatus()),
        insertRequest: (account, request, history) =>
          call(`ask ${account.alias}`, true, async () => {
            const isNew = (await records.readRequest(account, request.id)) === undefined;
            if (isNew) checkAsking(universe, account, began, complain);
            if (isNew) universe.asked.push(account.id);
            return records.insertRequest(account, request, history);
          }),
      },
    };
  };

  const turn = async (): Promise<void> => {
    const work = workOf();
    try {
      const stored = await work.campaigns.read(CAMPAIGN);
      if (stored === undefined) {
        await storeCampaign(work, { id: CAMPAIGN, wish: wishOf(scenario), by: 'the operator' });
        return;
      }
      const isDue = (stored.campaign.nextAdvanceAt ?? Number.POSITIVE_INFINITY) <= universe.now;
      const isCreating = stored.campaign.state === 'creating';
      if (!isDue && !isCreating) return;
      const whole = isCreating ? await enrol(work, stored, universe.all) : stored;
      await advance(new Turn(work, whole, universe.accounts()), universe.now + MINUTE);
    } catch (error) {
      if (!(error instanceof RotationError)) throw error;
    }
  };

  for (let minute = 0; minute < MINUTES && violation === undefined; minute++) {
    universe.now = minute * MINUTE;
    // After ten minutes all is well again, and everything must come to its end.
    if (minute >= 10) left = 0;
    universe.tick();
    await speak(universe, scenario.words[minute]);
    await (scenario.isTwin === true ? Promise.all([turn(), turn()]) : turn());
  }
  if (violation === undefined) checkEnd(universe, complain);
  return { violation, trace };
}

function wishOf(scenario: Scenario) {
  return { ...scenario.wish, reason: 'a policy has changed', filter: {}, overdueAfterMs: 60 * MINUTE };
}

async function speak({ campaigns, now }: CampaignUniverse, word: Control | undefined): Promise<void> {
  const stored = await campaigns.read(CAMPAIGN);
  if (word === undefined || stored === undefined) return;
  const next = control(stored.campaign, word, { by: 'the operator', reason: 'seen enough', now });
  if (next === undefined || next === stored.campaign) return;
  await campaigns.write({ ...next, revision: stored.campaign.revision + 1 }, stored.etag, []);
}
