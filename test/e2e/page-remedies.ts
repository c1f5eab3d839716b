// What to do, in a real browser: the remedy of each block, its heading of the runbook, and the right action first.
import type { Browser, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { BLOCK_REMEDIES } from '../../src/operators/remedies.ts';
import { BLOCKED_REASONS } from '../../src/rotation/reasons.ts';
import { visit as visitWith } from './browser.ts';
import type { Stub } from './page-stub.ts';

const RUNBOOK = 'https://docs.example/runbook.md';

export function describeRemedies(browser: Browser, stub: Stub): void {
  const visit = <T>(look: (page: Page) => Promise<T>): Promise<T> =>
    visitWith(browser, `${stub.url}#/accounts/orders-0001`, { width: 1280 }, look);
  const show = async (page: Page, details: Stub['details']): Promise<void> => {
    stub.details = details;
    await page.evaluate("dispatchEvent(new Event('online'))");
  };

  describe('what to do', () => {
    it('is told for each reason, with a link to its heading', async () => {
      const me = stub.me;
      stub.me = { ...me, runbookUrl: RUNBOOK };
      await visit(async (page) => {
        for (const reason of BLOCKED_REASONS) {
          await show(page, { reason, isBlocked: true });
          const note = page.locator('.note.bad', { hasText: `Blocked: ${reason}.` });
          await note.getByText(`What to do: ${BLOCK_REMEDIES[reason]}`).waitFor();
          const link = note.getByRole('link', { name: `Runbook: ${reason}` });
          expect(await link.getAttribute('href')).toBe(`${RUNBOOK}#${reason.toLowerCase()}`);
        }
        await show(page, { reason: 'Forbidden', failures: 3 });
        const link = page.getByRole('link', { name: 'Runbook: Account failing' });
        expect(await link.getAttribute('href')).toBe(`${RUNBOOK}#account-failing`);
      });
      Object.assign(stub, { me, details: {} });
    });

    it('names the heading where the address of the runbook is not known', async () => {
      stub.details = { reason: 'KeysIdentical', isBlocked: true };
      await visit(async (page) => {
        await page.getByText('The runbook has more under “KeysIdentical”.').waitFor();
        expect(await page.getByRole('link', { name: 'Runbook' }).count()).toBe(0);
      });
      stub.details = {};
    });

    it('is the primary button, and the first: approve, not rotate, for a standby key that may be in use', async () => {
      const buttons = (page: Page) =>
        page.getByRole('group', { name: 'Actions' }).getByRole('button').allTextContents();
      await visit(async (page) => {
        const primary = page.getByRole('group', { name: 'Actions' }).locator('.primary');
        await page.getByRole('button', { name: 'Rotate' }).waitFor();
        expect(await primary.count()).toBe(0);
        await show(page, { reason: 'StandbyMayBeInUse', isBlocked: true });
        await primary.getByText('Approve').waitFor();
        expect(await buttons(page)).toEqual(['Approve', 'Rotate', 'Check', 'Pause', 'Key compromised…']);
        await show(page, { pause: { by: 'function key', reason: 'x', at: '2031-05-19T12:00:00Z' } });
        await primary.getByText('Resume').waitFor();
        expect(await primary.count()).toBe(1);
        await page.getByText('Paused by a caller with a function key').waitFor();
      });
      stub.details = {};
    });
  });
}
