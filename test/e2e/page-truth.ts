// What the page claims, in a real browser: ages that are not known are not green, facts stay apart, words name no culprit.
import type { Browser, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { visit as visitWith } from './browser.ts';
import { type Stub, someAccount, someHistory } from './page-stub.ts';

const DAY = 86_400_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

export function describeTruth(browser: Browser, stub: Stub): void {
  const visit = <T>(look: (page: Page) => Promise<T>, hash = ''): Promise<T> =>
    visitWith(browser, `${stub.url}${hash}`, { width: 1280 }, look);

  describe('what the page claims', () => {
    it('does not know the age of a key that the service has never renewed, and shows no green bar', async () => {
      const all = stub.accounts;
      stub.accounts = [
        { ...someAccount(0), last: undefined, rotationId: 0, keyRegeneratedAt: undefined },
        someAccount(5),
      ];
      stub.history = [
        { at: ago(40 * DAY), kind: 'Adopted', rotationId: 0, slot: 'key1', fingerprint: '0c6e1a94f02d7b15' },
      ];
      await visit(async (page) => {
        const row = page.locator('[data-account="orders-0001"]');
        await row.getByText('not known: never renewed by this service').waitFor();
        expect(await row.locator('.bar').count()).toBe(0);
        expect(await page.locator('[data-account="billing-0006"] .bar').count()).toBe(1);
        await row.getByRole('link').click();
        await page.locator('.slot.published').getByText('Age not known.').waitFor();
        expect(await page.locator('.slot .bar').count()).toBe(0);
      });
      Object.assign(stub, { accounts: all, history: someHistory() });
    });

    it('says due only when the next rotation is due, never beside "Nothing due"', async () => {
      const all = stub.accounts;
      const spread = { phaseSince: ago(31 * DAY), nextRotationAt: ago(-2 * DAY) };
      const due = { phaseSince: ago(31 * DAY), nextRotationAt: ago(1_000) };
      stub.accounts = [
        { ...someAccount(5), ...spread },
        { ...someAccount(6), ...due },
      ];
      await visit(async (page) => {
        const early = page.locator('[data-account="billing-0006"]');
        await early.getByText('Nothing due').waitFor();
        expect(await early.textContent()).toContain('31 of 33 days, due soon');
        const late = page.locator('[data-account="docs-0007"]');
        await late.getByText('Begins with the next pass').waitFor();
        expect(await late.textContent()).toContain('31 of 31 days, due');
      });
      stub.accounts = all;
    });

    it('shows blocked and overdue as two facts, in the row and in the counts', async () => {
      const all = stub.accounts;
      stub.accounts = all.map((account, index) => (index === 1 ? { ...account, isOverdue: true } : account));
      await visit(async (page) => {
        const row = page.locator('[data-account="search-0002"]');
        await row.waitFor();
        expect(await row.locator('.badge').allTextContents()).toEqual(['Blocked', 'Overdue']);
        await page.getByText('Accounts: 1 blocked, 2 overdue.').first().waitFor();
        expect(await page.getByRole('button', { name: '2 Overdue' }).count()).toBe(1);
      });
      stub.accounts = all;
    });

    it('labels fingerprints, and tells of an emergency without naming a culprit', async () => {
      const leaked = { kind: 'RotationStarted', reason: 'KeyCompromised', by: 'function key', slot: 'key2' };
      const old = { rotationId: 7, fingerprint: '60c6e1a94f02d7b6' };
      stub.history = [
        { ...old, at: ago(1_000), kind: 'KeyReplaced' },
        { ...old, at: ago(2_000), kind: 'Published', slot: 'key2', fingerprint: '70c6e1a94f02d7b7' },
        { ...old, ...leaked, at: ago(60_000) },
      ];
      stub.details = { phase: 'retiring', phaseSince: ago(1_500), rotationId: 7, reason: 'ConfirmationTimeNotOver' };
      await visit(async (page) => {
        await page.getByText('because a key leaked (asked for by a caller with a function key)').waitFor();
        expect(await page.locator('.history .which').allTextContents()).toEqual([
          'leaked 60c6 e1a9 4f02 d7b6 № 7',
          'new 70c6 e1a9 4f02 d7b7 № 7',
          'old 60c6 e1a9 4f02 d7b6 № 7',
        ]);
        expect(await page.locator('.phases .happened').allTextContents()).toEqual([
          'Emergency: a key leaked. ',
          expect.stringMatching(/^Leaked key replaced\. /),
        ]);
        expect(await page.getByText('compromised by').count()).toBe(0);
      }, '#/accounts/orders-0001');
      Object.assign(stub, { details: {}, history: someHistory() });
    });
  });
}
