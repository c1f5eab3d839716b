// Obligations of `CampaignsPort`.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { CampaignsPort } from '../../../src/fleet/campaign/ports.ts';
import type { Campaign, CampaignId, Member, MemberState } from '../../../src/fleet/campaign/rules/model.ts';
import type { AccountAlias, AccountId, ETag, RotationId } from '../../../src/rotation/model.ts';

const AT = 1_700_000_000_000;
const WEST = '11111111-2222-3333-4444-555555555555';
const EAST = '99999999-2222-3333-4444-555555555555';

export function buildCampaign(id: string, changes: Partial<Campaign> = {}): Campaign {
  const counts = { open: 2, inFlight: 0, published: 0, done: 0, failed: 0 };
  return {
    id: id as CampaignId,
    wish: {
      reason: 'a policy has changed',
      filter: { policy: 'strict', accounts: ['one', 'two'] },
      rings: [{ name: 'canary', accounts: ['one'] }, { count: 5 }, { percent: 100 }],
      maxFailures: 1,
      perSubscription: 8,
      perVault: 50,
      bakeMs: 60_000,
      waitFor: 'published',
      overdueAfterMs: 86_400_000,
    },
    by: 'somebody',
    at: AT,
    state: 'running',
    changed: { by: 'somebody', at: AT, reason: 'a policy has changed' },
    rings: [{ name: 'canary', total: 2, counts, joined: 0, forgiven: 0, endedAt: AT + 5 }],
    current: 0,
    subscriptions: [WEST, EAST],
    skipped: { blocked: 3 },
    lookedAt: AT + 1,
    nextAdvanceAt: AT + 2,
    revision: 1,
    ...changes,
  };
}

const member = (name: string, state: MemberState, changes: Partial<Member> = {}): Member => ({
  accountId: `/subscriptions/${WEST}/accounts/${name}` as AccountId,
  alias: name as AccountAlias,
  subscription: WEST,
  ring: 0,
  state,
  ...changes,
});

export interface CampaignsHarness {
  readonly campaigns: CampaignsPort;
  /** What the query for due accounts answers at `now`. */
  readonly listDue?: (now: number) => Promise<readonly string[]>;
}

export function describeCampaignsContract(name: string, make: () => CampaignsHarness): void {
  const fresh = async (changes: Partial<Campaign> = {}) => {
    const { campaigns, listDue } = make();
    const campaign = buildCampaign(randomUUID().replaceAll('-', '').slice(0, 20), changes);
    expect(await campaigns.insert(campaign)).toBe(true);
    const stored = await campaigns.read(campaign.id);
    if (stored === undefined) throw new Error('The campaign was not stored.');
    return { campaigns, campaign, etag: stored.etag, listDue };
  };

  describe(`campaigns, ${name}`, () => {
    test('what was inserted is read back, once', async () => {
      const { campaigns, campaign } = await fresh();
      expect((await campaigns.read(campaign.id))?.campaign).toEqual(campaign);
      expect(await campaigns.insert({ ...campaign, by: 'somebody else' })).toBe(false);
      expect((await campaigns.read(campaign.id))?.campaign.by).toBe('somebody');
      expect(await campaigns.read('nobody' as CampaignId)).toBeUndefined();
    });

    test('they are listed with the newest first', async () => {
      const { campaigns, campaign: older } = await fresh();
      const { campaign: newer } = await fresh({ at: AT + 1 });
      const ids = (await campaigns.list()).map((stored) => stored.campaign.id);
      expect(ids.filter((id) => id === older.id || id === newer.id)).toEqual([newer.id, older.id]);
    });

    test('a write with its moves is all or nothing, and its ETag is the next one', async () => {
      const { campaigns, campaign, etag } = await fresh();
      const one = member('one', 'open');
      const second = await campaigns.write({ ...campaign, revision: 2 }, etag, [{ now: one }]);
      expect((await campaigns.read(campaign.id))?.etag).toBe(second);
      const two = member('two', 'open');
      const stale = campaigns.write({ ...campaign, revision: 9 }, etag, [{ now: two }]);
      await expect(stale).rejects.toMatchObject({ code: 'LostRace' });
      expect((await campaigns.read(campaign.id))?.campaign.revision).toBe(2);
      expect(await campaigns.listMembers(campaign.id, { state: 'open' })).toEqual([one]);
    });

    test('a member moves from state to state with all that is known of it', async () => {
      const { campaigns, campaign, etag } = await fresh();
      const open = member('one', 'open');
      const flying = member('one', 'inFlight', { from: 7 as RotationId, joined: true, startedAt: AT });
      const failed = member('one', 'failed', { ...flying, state: 'failed', endedAt: AT + 9, reason: 'Overdue' });
      const second = await campaigns.write(campaign, etag, [{ now: open }]);
      const third = await campaigns.write(campaign, second, [{ was: open, now: flying }]);
      expect(await campaigns.listMembers(campaign.id, { state: 'open' })).toEqual([]);
      expect(await campaigns.listMembers(campaign.id, { state: 'inFlight' })).toEqual([flying]);
      const fourth = await campaigns.write(campaign, third, [{ was: flying, now: failed }]);
      expect(await campaigns.listMembers(campaign.id, { state: 'failed' })).toEqual([failed]);
      await campaigns.write(campaign, fourth, [{ was: failed }]);
      expect(await campaigns.listMembers(campaign.id, { state: 'failed' })).toEqual([]);
    });

    test('a move from where the member is not, or to where it is, loses, with everything beside it', async () => {
      const { campaigns, campaign, etag } = await fresh();
      const one = member('one', 'open');
      const two = member('two', 'open');
      const second = await campaigns.write(campaign, etag, [{ now: one }]);
      const missing = campaigns.write(campaign, second, [{ now: two }, { was: member('three', 'open') }]);
      await expect(missing).rejects.toMatchObject({ code: 'LostRace' });
      const twice = campaigns.write(campaign, second, [{ now: two }, { now: one }]);
      await expect(twice).rejects.toMatchObject({ code: 'LostRace' });
      expect(await campaigns.listMembers(campaign.id, { state: 'open' })).toEqual([one]);
      await expect(campaigns.write(campaign, 'W/"nobody"' as ETag, [])).rejects.toMatchObject({ code: 'LostRace' });
    });

    test('members are found by state, ring and subscription, at most so many', async () => {
      const { campaigns, campaign, etag } = await fresh();
      const members = [
        member('a', 'open'),
        member('b', 'open'),
        member('c', 'open', { subscription: EAST }),
        member('d', 'open', { ring: 1 }),
        member('e', 'done'),
      ];
      await campaigns.write(
        campaign,
        etag,
        members.map((now) => ({ now })),
      );
      const found = async (query: Parameters<CampaignsPort['listMembers']>[1]) =>
        (await campaigns.listMembers(campaign.id, query)).map(({ alias }) => alias).sort();
      expect(await found({ state: 'open' })).toEqual(['a', 'b', 'c', 'd']);
      expect(await found({ state: 'open', ring: 0 })).toEqual(['a', 'b', 'c']);
      expect(await found({ state: 'open', ring: 0, subscription: WEST })).toEqual(['a', 'b']);
      expect(await found({ state: 'open', ring: 1 })).toEqual(['d']);
      expect(await found({ state: 'done' })).toEqual(['e']);
      expect(await found({ state: 'open', ring: 0, limit: 2 })).toHaveLength(2);
    });

    test('ninety-eight additions fit into one write, and so do forty-nine moves', async () => {
      const { campaigns, campaign, etag } = await fresh();
      const members = Array.from({ length: 98 }, (_, index) => member(`m${index}`, 'open'));
      const second = await campaigns.write(
        campaign,
        etag,
        members.map((now) => ({ now })),
      );
      const moves = members.slice(0, 49).map((was) => ({ was, now: { ...was, state: 'done' as const } }));
      await campaigns.write(campaign, second, moves);
      expect(await campaigns.listMembers(campaign.id, { state: 'open' })).toHaveLength(49);
      expect(await campaigns.listMembers(campaign.id, { state: 'done' })).toHaveLength(49);
    });

    test('one more of either is refused, and nothing is written', async () => {
      const { campaigns, campaign, etag } = await fresh();
      const members = Array.from({ length: 99 }, (_, index) => member(`m${index}`, 'open'));
      const refusal = { code: 'Misconfigured', service: 'table', providerCode: 'InvalidInput' };
      const added = campaigns.write(
        campaign,
        etag,
        members.map((now) => ({ now })),
      );
      await expect(added).rejects.toMatchObject(refusal);
      const second = await campaigns.write(
        campaign,
        etag,
        members.slice(0, 50).map((now) => ({ now })),
      );
      const moves = members.slice(0, 50).map((was) => ({ was, now: { ...was, state: 'done' as const } }));
      await expect(campaigns.write(campaign, second, moves)).rejects.toMatchObject(refusal);
      expect(await campaigns.listMembers(campaign.id, { state: 'open' })).toHaveLength(50);
    });

    test('what is too long for a column is refused, as it is written and when it is new', async () => {
      const { campaigns, campaign, etag } = await fresh();
      const subscriptions = Array.from({ length: 1_000 }, (_, index) => `${WEST}-${index}`);
      const refusal = { code: 'Misconfigured', service: 'table', providerCode: 'PropertyValueTooLarge' };
      await expect(campaigns.write({ ...campaign, subscriptions }, etag, [])).rejects.toMatchObject(refusal);
      const another = buildCampaign(randomUUID().replaceAll('-', '').slice(0, 20), { subscriptions });
      await expect(campaigns.insert(another)).rejects.toMatchObject(refusal);
      expect(await campaigns.read(another.id)).toBeUndefined();
    });

    test('those that are over since before an instant are forgotten with their members, and no other', async () => {
      const over = { ...(await fresh()), state: 'completed' as const };
      const moves = ['a', 'b', 'c'].map((name) => ({ now: member(name, 'done') }));
      const changed = { by: 'timer', at: AT - 1, reason: 'over' };
      await over.campaigns.write({ ...over.campaign, state: 'completed', changed }, over.etag, moves);
      const { campaigns, campaign: running } = await fresh({ changed });
      const { campaign: recent } = await fresh({ state: 'aborted', changed: { ...changed, at: AT } });
      expect(await campaigns.forget(AT - 1)).toBe(0);
      expect(await campaigns.forget(AT)).toBe(1);
      expect(await campaigns.read(over.campaign.id)).toBeUndefined();
      expect(await campaigns.listMembers(over.campaign.id, { state: 'done' })).toEqual([]);
      const left = (await campaigns.listAll()).stored.map(({ campaign }) => campaign.id);
      expect(left).toEqual(expect.arrayContaining([running.id, recent.id]));
      expect(await campaigns.forget(AT)).toBe(0);
    });

    test('the query for due accounts marks a campaign that is due, until it is over', async () => {
      const { campaigns, campaign, etag, listDue } = await fresh({ nextAdvanceAt: AT });
      if (listDue === undefined) return;
      const isDue = async (now: number) => (await listDue(now)).includes(campaign.id);
      expect(await isDue(AT - 1)).toBe(false);
      expect(await isDue(AT)).toBe(true);
      // The clock was set back: no look is meant to be further ahead than a day.
      expect(await isDue(AT - 30 * 86_400_000)).toBe(true);
      const paused = { ...campaign, state: 'paused' as const };
      Reflect.deleteProperty(paused, 'nextAdvanceAt');
      const second = await campaigns.write(paused, etag, []);
      expect(await isDue(AT)).toBe(false);
      const third = await campaigns.write(campaign, second, []);
      expect(await isDue(AT)).toBe(true);
      await campaigns.write({ ...paused, state: 'completed' }, third, []);
      expect(await isDue(AT)).toBe(false);
    });
  });
}
