// Calls about many accounts, with real requests against a local Azure over the wire: documents are validated and never
// written, and first rotations are approved one by one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, type HttpStage, startHttpStage } from './stage.ts';

const asText = expect.any(String) as unknown;
const ID =
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-test/providers/Microsoft.CognitiveServices/accounts';
/** Due each day; an approval is needed before the first rotation. */
const IN_USE = { standbyIsFree: false, rotationInterval: 'P5D' };
const WAITING = ['wait-a', 'wait-b', 'wait-c'];

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  for (const name of WAITING) stage.addAccount(name, IN_USE);
  stage.addAccount('free');
  await stage.adopt();
  stage.advance(5 * DAY);
  await stage.tick();
});
afterAll(() => stage.close());

interface Document {
  readonly alias: string;
  readonly isListed: boolean;
  readonly problems: readonly { readonly setting: string; readonly remedy: string }[];
}
async function validate(...documents: readonly { readonly alias: string; readonly document: object }[]) {
  const { status, body } = await stage.post('accounts/validate', { documents });
  expect(status).toBe(200);
  return body as { readonly isValid: boolean; readonly documents: readonly Document[] };
}

describe('documents of accounts', () => {
  it('that the service would take are valid, and say whether they are listed already', async () => {
    const answer = await validate(
      { alias: 'new', document: { resourceId: `${ID}/new`, policy: 'free' } },
      { alias: 'free', document: { resourceId: `${ID}/free`, policy: 'free', consumers: ['orders'] } },
    );
    expect(answer).toEqual({
      isValid: true,
      documents: [
        { alias: 'new', isListed: false, problems: [] },
        { alias: 'free', isListed: true, problems: [] },
      ],
    });
  });

  it.each([
    ['no resource id', 'a', {}, 'KeyRotation:Accounts:a.resourceId'],
    ['an id of another kind', 'a', { resourceId: '/subscriptions/x' }, 'KeyRotation:Accounts:a.resourceId'],
    [
      'a policy that does not exist',
      'a',
      { resourceId: `${ID}/other`, policy: 'none' },
      'KeyRotation:Accounts:a.policy',
    ],
    ['an unknown field', 'a', { resourceId: `${ID}/other`, polcy: 'free' }, 'KeyRotation:Accounts:a'],
    ['an alias with a space', 'a b', { resourceId: `${ID}/other` }, 'KeyRotation:Accounts:a b'],
    ['an account that another alias names', 'a', { resourceId: `${ID}/free` }, 'KeyRotation:Accounts:a.resourceId'],
    [
      'a secret of another account',
      'a',
      { resourceId: `${ID}/other`, secretName: 'free-key' },
      'KeyRotation:Accounts:a.secretName',
    ],
  ])('with %s are named, with field and remedy', async (_, alias, document, setting) => {
    const good = { alias: 'good', document: { resourceId: `${ID}/good` } };
    const { isValid, documents } = await validate(good, { alias, document });
    expect(isValid).toBe(false);
    expect(documents).toEqual([
      { alias: 'good', isListed: false, problems: [] },
      { alias, isListed: false, problems: [expect.objectContaining({ setting, remedy: asText })] },
    ]);
  });

  it('that name one account twice are both named', async () => {
    const document = { resourceId: `${ID}/twice` };
    const { documents } = await validate({ alias: 'one', document }, { alias: 'two', document });
    expect(documents.map(({ problems }) => problems.length)).toEqual([1, 1]);
  });

  it('are never written', async () => {
    const before = JSON.stringify([...stage.azure.world.store.keyValues.values()]);
    await validate({ alias: 'new', document: { resourceId: `${ID}/new` } });
    expect(JSON.stringify([...stage.azure.world.store.keyValues.values()])).toBe(before);
    expect((await stage.get('accounts?search=new')).body['accounts']).toEqual([]);
  });

  it.each([
    ['no documents', { documents: [] }, 'documents'],
    ['too many', { documents: Array.from({ length: 51 }, () => ({ alias: 'a', document: {} })) }, 'documents'],
    ['a document that is a list', { documents: [{ alias: 'a', document: [] }] }, 'documents.0.document'],
    ['an unknown field', { documents: [{ alias: 'a', document: {}, label: 'x' }] }, 'documents.0.label'],
  ])('are refused with %s', async (_, body, field) => {
    const answer = await stage.post('accounts/validate', body);
    expect(answer).toMatchObject({ status: 400, body: { fields: [{ field, expected: asText }] } });
  });
});

describe('approvals of first rotations', () => {
  const approve = (body: object) => stage.post('accounts/approve', { reason: 'all deployed by us', ...body });
  const resultsOf = ({ body }: Awaited<ReturnType<typeof approve>>) =>
    (body['accounts'] as readonly { account: string; result: string }[]).map(({ account, result }) => [
      account,
      result,
    ]);

  it('a dry run names the accounts that wait, and stores nothing', async () => {
    const answer = await approve({ filter: {}, dryRun: true });
    expect(answer).toMatchObject({ status: 200, body: { total: 3 } });
    expect(resultsOf(answer)).toEqual(WAITING.map((name) => [name, 'wouldBeApproved']));
    expect((await stage.get('accounts/wait-a/requests')).body['requests']).toEqual([]);
  });

  it('takes the filter of campaigns, and refuses a name that is no account', async () => {
    expect(resultsOf(await approve({ filter: { accounts: ['wait-b', 'free'] }, dryRun: true }))).toEqual([
      ['wait-b', 'wouldBeApproved'],
    ]);
    expect(resultsOf(await approve({ filter: { policy: 'wait-c' }, dryRun: true }))).toHaveLength(1);
    expect(await approve({ filter: { accounts: ['nobody'] } })).toMatchObject({
      status: 400,
      body: { fields: [{ field: 'filter.accounts', expected: 'nobody is no account' }] },
    });
    expect(await approve({})).toMatchObject({ status: 400, body: { fields: [{ field: 'filter' }] } });
  });

  it('goes on after a page', async () => {
    const after = Buffer.from('wait-a').toString('base64url');
    expect(resultsOf(await approve({ filter: {}, dryRun: true, after }))).toEqual([
      ['wait-b', 'wouldBeApproved'],
      ['wait-c', 'wouldBeApproved'],
    ]);
  });

  it('a dry run refuses what the call would refuse: a mode that was changed, a record that cannot be read', async () => {
    const document = { resourceId: `${ID}/wait-a`, policy: 'wait-a' };
    stage.configure('KeyRotation:Accounts:wait-a', { ...document, mode: 'observe' });
    stage.serving = stage.restart();
    const { records } = stage.app.ports;
    const read: typeof records.read = async (account) => {
      const stored = await records.read(account);
      return account.alias === 'wait-b' ? { ...stored, record: { state: 'unreadable', detail: 'damaged' } } : stored;
    };
    const broken = Object.assign(Object.create(records) as typeof records, { read });
    stage.serving = { ...stage.app, ports: { ...stage.app.ports, records: broken } };
    try {
      const filter = { accounts: ['wait-a', 'wait-b'] };
      const planned = await approve({ filter, dryRun: true });
      expect(resultsOf(planned)).toEqual([
        ['wait-a', 'refused'],
        ['wait-b', 'refused'],
      ]);
      expect((await approve({ filter })).body).toEqual(planned.body);
    } finally {
      stage.configure('KeyRotation:Accounts:wait-a', document);
      stage.restart();
    }
  });

  it('a search that is empty is refused: it would match every account', async () => {
    for (const search of ['', '  ']) {
      expect(await approve({ filter: { search }, dryRun: true })).toMatchObject({
        status: 400,
        body: { fields: [{ field: 'filter.search', expected: asText }] },
      });
    }
  });

  it('is recorded for each account with caller and reason, once, and lets the rotation begin', async () => {
    const first = await approve({ filter: { search: 'wait-' } });
    expect(first.status).toBe(202);
    expect(resultsOf(first)).toEqual(WAITING.map((name) => [name, 'approved']));
    const again = await approve({ filter: { search: 'wait-' } });
    expect(again.body['accounts']).toEqual(first.body['accounts']);
    const history = await stage.get('accounts/wait-b/history');
    expect(history.body['entries']).toContainEqual(
      expect.objectContaining({ kind: 'Requested', reason: 'approve: all deployed by us', by: 'function key' }),
    );
    await stage.tick();
    expect((await stage.get('accounts/wait-b/requests')).body['requests']).toMatchObject([
      { kind: 'approve', state: 'closed', outcome: 'StandbyApproved' },
    ]);
    expect((await stage.get('accounts/wait-b')).body).toMatchObject({ isBlocked: false });
    expect((await approve({ filter: {} })).body).toEqual({ total: 0, accounts: [] });
  });
});

it('no answer has a key', () => {
  const said = stage.said.join('\n');
  for (const key of stage.everyKey()) expect(said).not.toContain(key);
});
