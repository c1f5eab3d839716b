// A fleet in the middle of everything: an account in each phase, with requests, acknowledgements, a pause, a leaked key,
// a move and a campaign under way, and notifications that wait. The archive of a release is made of it by that release,
// and the present release makes it to hand it back.
import { createCampaign } from '../../../src/fleet/campaign/campaigns.ts';
import { acknowledge } from '../../../src/operators/requests/acknowledgements.ts';
import { ask, setPaused } from '../../../src/operators/requests/ask.ts';
import type { Wish } from '../../../src/rotation/decide/request.ts';
import type { OwnerId } from '../../../src/rotation/model.ts';
import { ReleaseStage } from './stage.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** When the archive is made. */
export const T = Date.UTC(2027, 2, 1, 8);
const NOTHING = () => undefined;

/** Looks are rare, so that a month of the fleet takes seconds. */
const RARELY = { observeEvery: 'P1D' };
const POLICIES = {
  default: { ...RARELY, standbyIsFree: true, rotationInterval: 'P30D', spread: 'P2D' },
  named: { ...RARELY, standbyIsFree: true, consumers: ['shop', 'search'] },
  swift: { ...RARELY, standbyIsFree: true, overlapMinimum: 'PT5M', overlapMaximum: 'PT10M' },
  asked: { ...RARELY, standbyIsFree: false, rotationInterval: 'P20D' },
  patient: { ...RARELY, standbyIsFree: false, rotationInterval: 'P30D' },
};

/** The accounts that are configured by name, and the policy of each. */
const ACCOUNTS = {
  resting: 'default',
  unapproved: 'asked',
  approved: 'patient',
  unsent: 'default',
  preparing: 'default',
  overlapping: 'named',
  holding: 'named',
  paused: 'default',
  waiting: 'default',
  returned: 'default',
  confirming: 'swift',
  unretired: 'swift',
  leaked: 'default',
  'leaked-later': 'default',
  'just-leaked': 'default',
  sacrificed: 'default',
  moving: 'default',
  foreign: 'default',
  leased: 'default',
  'ring-1': 'default',
  'ring-2': 'default',
  'ring-3': 'default',
} as const;
type Name = keyof typeof ACCOUNTS;
const NAMES = Object.keys(ACCOUNTS) as readonly Name[];

/** The fleet at `T`. */
export async function makeStories(): Promise<ReleaseStage> {
  const stage = ReleaseStage.begin(T - 25 * DAY);
  for (const [name, policy] of Object.entries(POLICIES)) stage.documents.set(`Policies:${name}`, policy);
  for (const name of NAMES) configure(stage, name);
  stage.documents.set('Discovery', { subscriptions: ['11111111-2222-3333-4444-555555555555'] });
  const tagged = { 'key-rotation': 'enabled' };
  for (const name of ['tagged', 'untagged', 'unready']) stage.add(name, tagged);
  Object.assign(stage.world.accountNamed('unready'), { tags: { ...tagged, state: 'Failed' } });
  await stage.search();
  await stage.tick();
  await stage.parts.checks.keep(await stage.account('resting'), CHECK);
  await stage.run(T - 17 * DAY);
  await request(stage, 'resting');
  await stage.run(T - 9 * DAY);
  // The receiver does not want what it is told of this account.
  stage.answer = (_, subject) => (subject.endsWith('/holding') ? REFUSED : { kind: 'taken' });
  await request(stage, 'holding');
  await stage.run(T - 26 * HOUR);
  await request(stage, 'returned');
  await stage.run(T - 25 * HOUR);
  await request(stage, 'returned', { kind: 'rollBack', reason: 'an application refuses the new key' });
  await request(stage, 'approved', { kind: 'approve', reason: 'all applications read the vault' });
  // The next look notices the other secret.
  configure(stage, 'moving', { secretName: 'moved-key' });
  await stage.run(T - 4 * HOUR);
  await overlaps(stage);
  await stage.run(T - HOUR);
  await lastHour(stage);
  return stage;
}

async function overlaps(stage: ReleaseStage): Promise<void> {
  for (const name of ['overlapping', 'paused'] as const) await request(stage, name);
  await stage.run(T - 3 * HOUR);
  const version = stage.world.vault.get('overlapping-key').version;
  const overlapping = await stage.account('overlapping');
  await acknowledge(stage.parts, overlapping, { consumer: 'shop', version: version as never }, NOTHING);
  await setPaused(stage.parts, { account: await stage.account('paused'), by: 'operator' }, 'a fair', true);
  await setPaused(stage.parts, { account: await stage.account('waiting'), by: 'operator' }, 'a fair', true);
  await request(stage, 'waiting');
}

async function lastHour(stage: ReleaseStage): Promise<void> {
  stage.world.vault.set('foreign-key', { value: stage.strangeValue() });
  Object.assign(stage.world.accountNamed('untagged'), { tags: {} });
  await stage.search();
  await stage.parts.checks.beginSearch('https://vault.test', stage.now, DAY);
  await stage.run(T - 25 * MINUTE);
  await request(stage, 'unretired');
  await request(stage, 'confirming');
  stage.answer = (_, subject) => (subject.endsWith('/holding') ? REFUSED : UNAVAILABLE);
  stage.refused.publish.add('sacrificed');
  await request(stage, 'sacrificed', { ...LEAK, accepts: 'outage' });
  await stage.run(T - 15 * MINUTE);
  // Azure does not answer the last regenerate of this account, and does nothing.
  stage.refused.regenerate.add('unretired');
  await stage.run(T - 5 * MINUTE);
  await request(stage, 'leaked', LEAK);
  await request(stage, 'leaked-later', { ...LEAK, overlapMs: 2 * HOUR });
  await request(stage, 'preparing');
  stage.refused.regenerate.add('unsent');
  await request(stage, 'unsent');
  await campaign(stage);
  await stage.run(T);
  await request(stage, 'just-leaked', { kind: 'compromised', named: 'key2', reason: 'found in a mail' });
  await lease(stage);
  stage.queue([await stage.account('leased'), await stage.account('preparing')]);
}

/** Two rings; one member at a time. */
async function campaign(stage: ReleaseStage): Promise<void> {
  const filter = { accounts: ['ring-1', 'ring-2', 'ring-3'] };
  const caps = { maxFailures: 1, perSubscription: 1, perVault: 5, overdueAfterMs: DAY, bakeMs: HOUR };
  const wish = { reason: 'quarterly', filter, rings: [{ count: 2 }, { percent: 100 }], ...caps } as const;
  const asked = { wish: { ...wish, waitFor: 'published' }, by: 'operator', key: 'quarterly' } as const;
  await createCampaign(stage.parts, asked, NOTHING);
}

/** A pass that ended with its process holds the account for another minute. */
async function lease(stage: ReleaseStage): Promise<void> {
  const account = await stage.account('leased');
  const { records } = stage.parts.ports;
  const { etag, entity } = await records.read(account);
  const held = { owner: 'owner-gone' as OwnerId, expiresAt: stage.now + MINUTE };
  const next = { ...entity, lease: held, nextObservationAt: stage.now, revision: entity.revision + 1 };
  await records.write(account, etag, { entity: next, closes: [], history: [], at: stage.now });
}

const LEAK = { kind: 'compromised', named: 'published', reason: 'found in a repository' } as const;

async function request(stage: ReleaseStage, name: Name, wish: Wish = { kind: 'rotate', reason: 'asked' }) {
  await ask(stage.parts, { account: await stage.account(name), wish, by: 'operator', key: `${name}-${wish.kind}` });
}

function configure(stage: ReleaseStage, name: Name, changes: object = {}): void {
  const { id } = stage.world.accounts.size > NAMES.length ? stage.world.accountNamed(name) : stage.add(name);
  stage.documents.set(`Accounts:${name}`, { resourceId: id, policy: ACCOUNTS[name], ...changes });
}

const REFUSED = { kind: 'refused', detail: 'The receiver answered 400.' } as const;
const UNAVAILABLE = { kind: 'unavailable', detail: 'The receiver answered 503.' } as const;
const CHECK = {
  at: T,
  by: 'operator',
  isVaultSearched: true,
  isHealthy: true,
  isReadyForKeyless: false,
  findings: [{ check: 'standbyKey', result: 'pass', detail: 'The key is accepted.' }],
} as const;
