// The fleet in a real browser: thousands of accounts sorted and grouped, the export, and campaigns that are steered.
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { visit as visitWith } from './browser.ts';
import { LAST_CHECK } from './page-answers.ts';
import { type Stub, someAccount } from './page-stub.ts';

const COUNTS = { total: 40, open: 20, inFlight: 4, published: 0, done: 14, failed: 2 };

/** As the failures of its first ring have halted it. */
export const HALTED = {
  id: 'c-1',
  state: 'halted',
  reason: 'quarterly rotation',
  by: 'Ada Lovelace',
  changed: { by: 'the service', at: LAST_CHECK.at, reason: 'FailuresExceeded' },
  ...COUNTS,
  rings: [
    { name: 'canary', ...COUNTS, total: 20, open: 0 },
    { name: 'rest', total: 20, open: 20, inFlight: 0, published: 0, done: 0, failed: 0 },
  ],
  failures: [
    { account: 'orders-0001', ring: 'canary', reason: 'Blocked', at: LAST_CHECK.at },
    { account: 'search-0002', ring: 'canary', reason: 'Overdue', at: LAST_CHECK.at },
  ],
};

export function describeFleet(browser: Browser, stub: Stub): void {
  const visit = <T>(look: (page: Page) => Promise<T>): Promise<T> =>
    visitWith(browser, stub.url, { width: 1280 }, look);

  describe('the fleet', () => {
    it('sorts and groups five thousand accounts with a few dozen rows in the document', async () => {
      const few = stub.accounts;
      stub.accounts = Array.from({ length: 5_000 }, (_, index) => someAccount(index));
      await visit(async (page) => {
        await page.getByText('5,000 accounts').waitFor();
        await page.getByLabel('Sort').selectOption('name');
        await page.locator('[data-account="billing-0006"]').waitFor();
        await page.getByLabel('Group', { exact: true }).selectOption('policy');
        await page.locator('.row.group', { hasText: 'default' }).getByText('4,000').waitFor();
        const nodes = async (): Promise<number> => page.evaluate("document.querySelectorAll('main *').length");
        const before = await nodes();
        expect(before).toBeLessThan(2_000);
        await page.evaluate('scrollTo(0, document.body.scrollHeight)');
        await page.locator('[data-account="vision-4981"]').waitFor({ state: 'attached' });
        expect(Math.abs((await nodes()) - before)).toBeLessThan(500);
        expect(await page.locator('.list .body .row').count()).toBeLessThan(60);
      });
      stub.accounts = few;
    });

    it('is filtered and grouped by what people know an account by, and says what is not known', async () => {
      await visit(async (page) => {
        await page.getByText('12 accounts').waitFor();
        await page.getByLabel('Kind').selectOption('OpenAI');
        await page.getByText('2 of 12 accounts').waitFor();
        await page.getByLabel('Kind').selectOption('');
        await page.getByLabel('Owner').selectOption('Not known');
        await page.getByText('3 of 12 accounts').waitFor();
        await page.getByRole('button', { name: 'Clear' }).click();
        await page.getByLabel('Group', { exact: true }).selectOption('subscription');
        await page.locator('.row.group', { hasText: 'AI, production (0b1f6471)' }).waitFor();
        await page.getByLabel('Group', { exact: true }).selectOption('owner');
        const groups = page.locator('.row.group');
        expect(await groups.last().textContent()).toBe('Not known3');
        expect(await page.locator('[data-account="search-0010"]').textContent()).toMatch(/key \d+ days old/);
      });
    });

    it('exports what is shown as CSV, without asking the service', async () => {
      stub.posts.length = 0;
      await visit(async (page) => {
        await page.getByLabel('Search by name or resource id').fill('orders');
        await page.getByText('2 of 12 accounts').waitFor();
        const waiting = page.waitForEvent('download');
        await page.getByRole('button', { name: 'Export as CSV' }).click();
        const download = await waiting;
        expect(download.suggestedFilename()).toBe('accounts.csv');
        const text = await readFile(await download.path(), 'utf8');
        expect(text.charAt(0)).toBe('\ufeff');
        const names = text
          .slice(1)
          .trim()
          .split('\r\n')
          .map((line) => line.split(',')[0]);
        expect(names).toEqual(['account', 'orders-0001', 'orders-0009']);
      });
      expect(stub.posts).toEqual([]);
    });

    it('shows why a campaign halted, what is in flight and what failed, and steers it after saying what follows', async () => {
      stub.campaigns = [HALTED];
      stub.answers.set('resume', [200, HALTED]);
      stub.posts.length = 0;
      await visit(async (page) => {
        const panel = page.getByRole('region', { name: 'Campaigns' });
        await panel.getByText('In flight: 4.').waitFor();
        await panel.getByText('failures exceeded').waitFor();
        await panel.getByText('Failures: 2').click();
        await panel.getByRole('link', { name: 'orders-0001' }).waitFor();
        expect(await panel.getByRole('button').allTextContents()).toEqual(['Resume campaign', 'Abort campaign']);
        await panel.getByRole('button', { name: 'Abort campaign' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByText('the campaign cannot be resumed. Rotations under way (4) go on to their end.').waitFor();
        expect(await dialog.getByRole('button', { name: 'Abort campaign' }).isDisabled()).toBe(true);
        await page.keyboard.press('Escape');
        await panel.getByRole('button', { name: 'Resume campaign' }).click();
        await dialog.getByText('The failures so far (2) no longer halt it').waitFor();
        await dialog.getByLabel('Reason').fill('both are mended');
        await page.keyboard.press('Enter');
        await dialog.waitFor({ state: 'detached' });
      });
      expect(stub.posts.map(({ path, body }) => [path, body])).toEqual([
        ['/api/campaigns/c-1/resume', { reason: 'both are mended' }],
      ]);
      Object.assign(stub, { campaigns: undefined });
    });

    it('offers no control of a campaign to a caller who may only read', async () => {
      const me = stub.me;
      Object.assign(stub, { campaigns: [HALTED], me: { ...me, roles: ['Rotation.Read'] } });
      await visit(async (page) => {
        const panel = page.getByRole('region', { name: 'Campaigns' });
        await panel.getByText('In flight: 4.').waitFor();
        expect(await panel.getByRole('button').count()).toBe(0);
      });
      Object.assign(stub, { campaigns: undefined, me });
    });
  });
}
