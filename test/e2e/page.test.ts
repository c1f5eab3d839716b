// The page in a real browser, before an API that answers from memory: 5 and 5,000 accounts, roles, keys, outages, refusals.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser, type TestBrowser, visit as visitWith } from './browser.ts';
import { OVERLAP, ROLES, type Stub, someAccount, startStub } from './page-stub.ts';

const WIDE = { width: 1280 };
const PROBLEM = {
  title: 'The account is not in a state in which this can begin.',
  detail: 'A rotation is under way (retiring).',
  remedy: 'Ask again when the rotation under way is over.',
  status: 409,
};

const started = await startBrowser();
let browser: TestBrowser;
let stub: Stub;
beforeAll(async () => {
  if (typeof started === 'string') return;
  browser = started;
  stub = await startStub(12);
});
afterAll(async () => {
  if (typeof started === 'string') return;
  await stub.close();
  await browser.close();
});

const visit = <T>(look: (page: Page) => Promise<T>, hash = ''): Promise<T> =>
  visitWith(browser.browser, `${stub.url}${hash}`, WIDE, look);

const rows = async (page: Page): Promise<readonly string[]> =>
  page.evaluate("[...document.querySelectorAll('[data-account]')].map(({ dataset }) => dataset.account)");

describe.skipIf(typeof started === 'string')('the page', () => {
  it('shows five accounts, first those that need somebody, and asks nobody else for anything', async () => {
    const all = stub.accounts;
    stub.accounts = all.slice(0, 5);
    await visit(async (page) => {
      await page.locator('[data-account]').first().waitFor();
      expect(await rows(page)).toEqual(['search-0002', 'support-0003', 'speech-0004', 'vision-0005', 'orders-0001']);
      const text = (await page.locator('[data-account="support-0003"]').textContent()) ?? '';
      expect(text).toContain('Overdue');
      expect(text).toContain('41 of 30 days, due');
      stub.accounts = all.slice(0, 4);
      await expect.poll(() => rows(page), { timeout: 8_000 }).toHaveLength(4);
    });
    stub.accounts = all;
  });

  it('scrolls and searches five thousand accounts with a few dozen of them in the document', async () => {
    const few = stub.accounts;
    stub.accounts = Array.from({ length: 5_000 }, (_, index) => someAccount(index));
    await visit(async (page) => {
      await page.getByText('5,000 accounts').waitFor();
      expect((await rows(page)).length).toBeLessThan(60);
      await page.evaluate('scrollTo(0, document.body.scrollHeight)');
      await page.locator('[data-account="vision-4997"]').waitFor();
      expect((await rows(page)).length).toBeLessThan(60);
      await page.getByLabel('Search by name or resource id').fill('billing-4998');
      await expect.poll(() => rows(page)).toEqual(['billing-4998']);
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.getByLabel('Policy').selectOption('strict');
      await page.getByText('1,000 of 5,000 accounts').waitFor();
      await page.getByRole('button', { name: /Blocked/ }).click();
      await page.getByText('0 of 5,000 accounts').waitFor();
    });
    stub.accounts = few;
  });

  it('goes to an account and back by keyboard alone, and tells instants in the viewer’s time and in UTC', async () => {
    await visit(async (page) => {
      await page.getByRole('link', { name: 'orders-0001' }).focus();
      await page.keyboard.press('Enter');
      await page.locator('h1:focus', { hasText: 'orders-0001' }).waitFor();
      await page.locator('.history li').first().waitFor();
      const instants: readonly string[] = await page.evaluate(
        "[...document.querySelectorAll('time')].map(({ title }) => title)",
      );
      expect(instants.length).toBeGreaterThan(5);
      for (const title of instants) expect(title).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
      await page.goBack();
      await page.getByText('12 accounts').waitFor();
    });
  });

  it('says that an account does not exist, with what to do', async () => {
    await visit((page) => page.getByText('See GET accounts.').waitFor(), '#/accounts/nobody');
  });

  it('says when the connection is lost, keeps what it knows, and recovers by itself', async () => {
    await visit(async (page) => {
      await page.getByText('12 accounts').waitFor();
      stub.isDown = true;
      await page.locator('.connection').waitFor();
      expect(await rows(page)).toHaveLength(12);
      stub.isDown = false;
      await page.locator('.connection').waitFor({ state: 'detached' });
      expect(await page.locator('[role=status]').first().textContent()).toBe('Connected again.');
    });
  });

  it('offers what the caller’s roles allow, and names the rest', async () => {
    const buttons = async (roles: readonly string[]) => {
      stub.me = { ...stub.me, roles };
      return visit(async (page) => {
        const actions = page.getByRole('group', { name: 'Actions' });
        await actions.waitFor();
        return [await actions.getByRole('button').allTextContents(), await actions.locator('.muted').allTextContents()];
      }, '#/accounts/orders-0001');
    };
    expect(await buttons(['Rotation.Read'])).toEqual([
      [],
      ['More with the role Rotation.Operate or Rotation.Check or Rotation.Emergency.'],
    ]);
    expect(await buttons(ROLES.slice(0, 3))).toEqual([
      ['Rotate', 'Check', 'Pause'],
      ['More with the role Rotation.Emergency.'],
    ]);
    expect(await buttons(ROLES)).toEqual([['Rotate', 'Check', 'Pause', 'Key compromised…'], []]);
  });

  it('asks for a function key where one is needed, and keeps it out of address, storage and document', async () => {
    const former = stub.me;
    stub.me = { authorization: 'functionKey', isLocal: false, roles: [...ROLES] };
    stub.key = 'k-secret-1';
    await visit(async (page) => {
      await page.getByLabel('Key', { exact: true }).fill('wrong');
      await page.getByRole('button', { name: 'Enter' }).click();
      await page.getByText('The key was not accepted.').waitFor();
      await page.getByLabel('Key', { exact: true }).fill('k-secret-1');
      await page.getByRole('button', { name: 'Enter' }).click();
      await page.getByText('12 accounts').waitFor();
      const kept = await page.evaluate(
        '[location.href, JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie, document.documentElement.outerHTML].join()',
      );
      expect(kept).not.toContain('k-secret-1');
      await page.reload();
      await page.getByLabel('Key', { exact: true }).waitFor();
    });
    stub.me = former;
    stub.key = undefined;
  });

  it('offers strangers to sign in, and comes back to itself', async () => {
    stub.isSignedIn = false;
    await visit(async (page) => {
      const link = page.getByRole('link', { name: 'Sign in with Microsoft' });
      expect(await link.getAttribute('href')).toBe('/.auth/login/aad?post_login_redirect_uri=/api/page');
    });
    stub.isSignedIn = true;
  });

  it('shows a refusal with title, detail and remedy, and repeats a wish under the same idempotency key', async () => {
    stub.details = OVERLAP;
    stub.answers.set('rollback', [409, PROBLEM]);
    stub.posts.length = 0;
    await visit(async (page) => {
      await page.getByRole('button', { name: 'Roll back' }).click();
      const dialog = page.getByRole('dialog');
      expect(await dialog.getByRole('button', { name: 'Roll back' }).isDisabled()).toBe(true);
      await dialog.getByText('No application is cut off').waitFor();
      await dialog.getByLabel('Reason').fill('the new key fails');
      await page.keyboard.press('Enter');
      for (const text of [PROBLEM.title, PROBLEM.detail, PROBLEM.remedy]) await dialog.getByText(text).waitFor();
      await dialog.getByRole('button', { name: 'Roll back' }).click();
      await expect.poll(() => stub.posts.length).toBe(2);
      await page.keyboard.press('Escape');
      await page.locator('button:focus', { hasText: 'Roll back' }).waitFor();
    }, '#/accounts/orders-0001');
    const [first, second] = stub.posts;
    expect(first).toMatchObject({
      body: { reason: 'the new key fails' },
      headers: { 'sec-fetch-site': 'same-origin' },
    });
    expect(first?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
    stub.details = {};
  });

  it('offers to approve an account that waits for it, and says how the request ended', async () => {
    stub.details = { phase: 'idle', reason: 'StandbyMayBeInUse', isBlocked: true };
    const request = { id: 'r-1', kind: 'approve', state: 'closed', outcome: 'StandbyApproved', rotationId: 4 };
    stub.answers.set('approve', [202, { request }]);
    await visit(async (page) => {
      await page.getByText('Blocked: StandbyMayBeInUse.').waitFor();
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByText('Whoever does use it is cut off then').waitFor();
      await page.getByLabel('Reason').fill('nobody uses key2');
      await page.getByRole('button', { name: 'Approve the first rotation' }).click();
      await page.getByRole('dialog').getByText('Standby approved').waitFor();
    }, '#/accounts/orders-0001');
    expect(stub.posts.at(-1)).toMatchObject({
      path: '/api/accounts/orders-0001/approve',
      body: { reason: 'nobody uses key2' },
    });
    stub.details = {};
  });

  it('shows campaigns where there are any, and what is wrong with the configuration', async () => {
    const counts = { total: 4, done: 3, failed: 1 };
    const rings = [{ name: 'canary', ...counts }];
    stub.campaigns = [{ id: 'c-1', state: 'running', reason: 'quarterly', by: 'Ada', ...counts, rings }];
    stub.problems = [{ setting: 'KeyRotation:Accounts:x.policy', expected: 'A policy.', remedy: 'Create it.' }];
    stub.isFrozen = true;
    await visit(async (page) => {
      await page.getByText('3 of 4 done, 1 failed').waitFor();
      await page.getByText('Configuration problems: 1.').click();
      await page.getByText('Create it.').waitFor();
      await page.getByText('All rotations are frozen.').waitFor();
    });
    Object.assign(stub, { campaigns: undefined, problems: [], isFrozen: false });
  });
});

if (typeof started === 'string') it('cannot be looked at here', ({ skip }) => skip(started));
