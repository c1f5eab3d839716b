// The page in a real browser, before an API that answers from memory: 5 and 5,000 accounts, roles, keys, outages.
import type { Browser, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { visit as visitWith } from './browser.ts';
import { LAST_CHECK } from './page-answers.ts';
import { HOLDERS, HOLDERS_OVERLAP, HOLDERS_VERSION } from './page-holder-answers.ts';
import { ROLES, type Stub, someAccount } from './page-stub.ts';

const WIDE = { width: 1280 };
const rows = async (page: Page): Promise<readonly string[]> =>
  page.evaluate("[...document.querySelectorAll('[data-account]')].map(({ dataset }) => dataset.account)");

export function describeViews(browser: Browser, stub: Stub): void {
  const visit = <T>(look: (page: Page) => Promise<T>, hash = ''): Promise<T> =>
    visitWith(browser, `${stub.url}${hash}`, WIDE, look);

  describe('the page', () => {
    it('shows five accounts, first those that need somebody, and asks nobody else for anything', async () => {
      const all = stub.accounts;
      stub.accounts = all.slice(0, 5);
      await visit(async (page) => {
        await page.locator('[data-account]').first().waitFor();
        expect(await rows(page)).toEqual(['search-0002', 'support-0003', 'speech-0004', 'vision-0005', 'orders-0001']);
        const text = (await page.locator('[data-account="support-0003"]').textContent()) ?? '';
        expect(text).toContain('Overdue');
        expect(text).toContain('41 of 30 days, overdue');
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
      await visit((page) => page.getByText('See the list of accounts.').waitFor(), '#/accounts/nobody');
    });

    it('says when the connection is lost, keeps what it knows, and recovers by itself', async () => {
      await visit(async (page) => {
        await page.getByText('12 accounts').waitFor();
        stub.isDown = true;
        // Asks at once.
        await page.evaluate("dispatchEvent(new Event('online'))");
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
          return [
            await actions.getByRole('button').allTextContents(),
            await actions.locator('.muted').allTextContents(),
          ];
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

    it('runs no script but its own, and reaches no other host', async () => {
      const seen: unknown[] = [];
      const look = visit(async (page) => {
        const tried = `(async () => {
          const script = document.createElement('script');
          script.textContent = 'window.wasRun = true';
          document.body.append(script);
          const asked = await fetch('https://elsewhere.example/').then(() => 'reached', () => 'refused');
          return [window.wasRun, asked];
        })()`;
        seen.push(await page.evaluate(tried));
      });
      await expect(look).rejects.toThrow(/Content Security Policy/);
      expect(seen).toEqual([[undefined, 'refused']]);
    });

    it('offers strangers to sign in, and comes back to itself', async () => {
      stub.isSignedIn = false;
      await visit(async (page) => {
        const link = page.getByRole('link', { name: 'Sign in with Microsoft' });
        expect(await link.getAttribute('href')).toBe('/.auth/login/aad?post_login_redirect_uri=/api/page');
      });
      stub.isSignedIn = true;
    });

    it('shows the last check, whoever made it, and what it has read of the standby key', async () => {
      const keys = [
        { slot: 'key1', role: 'published', fingerprint: '60c6e1a94f02d7b6' },
        { slot: 'key2', role: 'standby' },
      ];
      stub.details = { keys };
      await visit(async (page) => {
        await page.getByText('None was made yet.').waitFor();
        await page.getByText('Fingerprint not known: it was not read').waitFor();
        const seen = { ...keys[1], fingerprint: '50c6e1a94f02d7b5', seenAt: LAST_CHECK.at };
        stub.details = { keys: [keys[0], seen], lastCheck: LAST_CHECK };
        await page.reload();
        await page.getByText('by Grace Hopper (o-2): a caller reports 401').waitFor();
        await page.getByText('Allow its subnet.').waitFor();
        expect(await page.getByText('key1 (published) is accepted').isVisible()).toBe(false);
        await page.getByText('1 finding passes').click();
        expect(await page.getByText('key1 (published) is accepted').isVisible()).toBe(true);
        const standby = page.locator('.slot.standby');
        expect(await standby.locator('.fingerprint').textContent()).toBe('50c6 e1a9 4f02 d7b5');
        await standby.getByText('As a check has read it').waitFor();
      }, '#/accounts/orders-0001');
      stub.details = {};
    });

    it('says where an account moves from, and until when', async () => {
      const movesFrom = { secretName: 'orders-before-key', vaultUrl: 'https://vault.example' };
      stub.details = { movesFrom };
      await visit(async (page) => {
        await page.getByText('until the new secret is announced and the longest overlap is over').waitFor();
        stub.details = { movesFrom: { ...movesFrom, until: '2031-05-31T12:00:00Z' } };
        await page.reload();
        const note = page.getByText('The secret orders-before-key in https://vault.example also holds');
        expect(await note.textContent()).toMatch(/at least until .*2031.* Move its readers\.$/);
        stub.details = {};
        await page.reload();
        await page.getByText('None was made yet.').waitFor();
        expect(await page.getByText('also holds the published key').count()).toBe(0);
      }, '#/accounts/orders-0001');
    });

    it('shows holders and what shows that they have the key, also among the consumers of an overlap', async () => {
      stub.details = { ...HOLDERS_OVERLAP, publishedVersion: HOLDERS_VERSION, holders: HOLDERS };
      await visit(async (page) => {
        const panel = page.locator('section', { has: page.getByRole('heading', { name: 'Holders' }) });
        await panel.getByText('Found: 2').waitFor();
        const text = (await panel.textContent()) ?? '';
        expect(text).toMatch(/has the published key shop · KEY, Key Vault reference of App Service/);
        expect(text).toMatch(/needs a person hub · own, connection of Azure AI Foundry/);
        expect(text).toContain('It was refreshed after the publish.');
        expect(text).toContain('may hold a key: 1.');
        const consumers = (await page.locator('.overlap').textContent()) ?? '';
        expect(consumers).toMatch(/observed shop · KEY/);
        expect(consumers).toMatch(/missing orders-api/);
      }, '#/accounts/orders-0001');
      stub.details = {};
    });

    it('shows campaigns where there are any, and what is wrong with the configuration', async () => {
      const counts = { total: 4, open: 0, inFlight: 0, published: 0, done: 3, failed: 1 };
      const rings = [{ name: 'canary', ...counts }];
      const changed = { by: 'Ada', at: LAST_CHECK.at, reason: 'quarterly' };
      stub.campaigns = [{ id: 'c-1', state: 'running', reason: 'quarterly', by: 'Ada', changed, ...counts, rings }];
      stub.problems = [{ setting: 'KeyRotation:Accounts:x.policy', expected: 'A policy.', remedy: 'Create it.' }];
      stub.isFrozen = true;
      await visit(async (page) => {
        await page.getByText('3 of 4 done, 1 failed').waitFor();
        await page.getByText('Configuration problems: 1.').click();
        await page.getByText('Create it.').waitFor();
        await page.locator('.note', { hasText: 'The freeze' }).waitFor();
      });
      Object.assign(stub, { campaigns: undefined, problems: [], isFrozen: false });
    });
  });
}
