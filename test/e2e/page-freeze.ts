// The freeze on the page, in a real browser: seen at the top, set and ended after its consequence was read.
import type { Browser, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { visit as visitWith } from './browser.ts';
import { FREEZE_PLAN, FROZEN } from './page-answers.ts';
import type { Stub } from './page-stub.ts';

export function describeFreeze(browser: Browser, stub: Stub): void {
  const visit = <T>(look: (page: Page) => Promise<T>): Promise<T> =>
    visitWith(browser, stub.url, { width: 1280 }, look);
  const reset = () => Object.assign(stub, { isFrozen: false, freeze: { isFrozen: false }, freezePlan: FREEZE_PLAN });

  describe('the freeze', () => {
    it('is set after the rotations that stop were shown, and then shows who has set it and why', async () => {
      reset();
      stub.answers.set('freeze', [200, { ...FROZEN, isChanged: true }]);
      stub.posts.length = 0;
      await visit(async (page) => {
        await page.getByRole('button', { name: 'Freeze all rotations' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByText('No rotation begins or goes on until an operator ends the freeze.').waitFor();
        await dialog.getByLabel('Reason').fill('the network team works');
        await page.keyboard.press('Enter');
        await dialog.getByText('Rotations that stop: 2.').waitFor();
        expect(stub.posts).toEqual([]);
        await dialog.getByText('Which accounts').click();
        await dialog.getByText('orders-0001, support-0003').waitFor();
        Object.assign(stub, { isFrozen: true, freeze: FROZEN });
        await dialog.getByRole('button', { name: 'Freeze all rotations' }).click();
        await dialog.waitFor({ state: 'detached' });
        const note = page.locator('.note', { hasText: 'The freeze was set' });
        await note.getByText('By Ada Lovelace (o-1): the network team works').waitFor();
        await note.getByRole('button', { name: 'End the freeze' }).waitFor();
      });
      expect(stub.posts.map(({ path, body }) => [path, body])).toEqual([
        ['/api/freeze', { reason: 'the network team works' }],
      ]);
    });

    it('is ended after the rotations that begin were shown', async () => {
      const plan = { ...FREEZE_PLAN, present: FROZEN, isFrozen: false };
      Object.assign(stub, { isFrozen: true, freeze: FROZEN, freezePlan: plan });
      stub.answers.set('unfreeze', [200, { isFrozen: false, isChanged: true }]);
      stub.posts.length = 0;
      await visit(async (page) => {
        await page.getByRole('button', { name: 'End the freeze' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('Reason').fill('the work is done');
        await page.keyboard.press('Enter');
        await dialog.getByText('By Ada Lovelace (o-1): the network team works').waitFor();
        await dialog.getByText('Rotations that are due and begin: 1,').waitFor();
        reset();
        await dialog.getByRole('button', { name: 'End the freeze' }).click();
        await page.getByRole('button', { name: 'Freeze all rotations' }).waitFor();
        // The line on top is asked again at once.
        await expect.poll(() => page.getByText('All rotations are frozen.').count(), { timeout: 3_000 }).toBe(0);
      });
      expect(stub.posts.map(({ path }) => path)).toEqual(['/api/unfreeze']);
    });

    it('says so if another program has set it, or another person meanwhile', async () => {
      const elsewhere = { isFrozen: true, changedAt: FROZEN.changedAt };
      Object.assign(stub, { isFrozen: true, freeze: elsewhere });
      await visit(async (page) => {
        await page.getByText('in App Configuration: by whom and why is not known.').waitFor();
      });
      reset();
      stub.answers.set('freeze', [200, { ...FROZEN, isChanged: false }]);
      await visit(async (page) => {
        await page.getByRole('button', { name: 'Freeze all rotations' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('Reason').fill('holidays');
        await page.keyboard.press('Enter');
        await dialog.locator('.consequences:focus').waitFor();
        await dialog.getByRole('button', { name: 'Freeze all rotations' }).click();
        await dialog.getByText('Nothing has changed: all rotations were frozen already.').waitFor();
        await dialog.getByText('By Ada Lovelace (o-1): the network team works').waitFor();
        await dialog.getByRole('button', { name: 'Close' }).click();
        await page.locator('button:focus', { hasText: 'Freeze all rotations' }).waitFor();
      });
    });

    it('shows a refusal with its remedy', async () => {
      const problem = {
        title: 'A service refused the call.',
        status: 502,
        detail: 'It is locked.',
        remedy: 'Unlock it.',
      };
      stub.answers.set('freeze', [502, problem]);
      await visit(async (page) => {
        await page.getByRole('button', { name: 'Freeze all rotations' }).click();
        await page.getByLabel('Reason').fill('holidays');
        await page.keyboard.press('Enter');
        await page.locator('.consequences:focus').waitFor();
        await page.getByRole('dialog').getByRole('button', { name: 'Freeze all rotations' }).click();
        await page.getByRole('alert').getByText('Unlock it.').waitFor();
      });
    });

    it('is seen, but neither set nor ended, by a caller who may only read', async () => {
      const me = stub.me;
      Object.assign(stub, { isFrozen: true, freeze: FROZEN, me: { ...me, roles: ['Rotation.Read'] } });
      await visit(async (page) => {
        await page.getByText('By Ada Lovelace (o-1): the network team works').waitFor();
        expect(await page.getByRole('button', { name: /freeze/i }).count()).toBe(0);
      });
      Object.assign(stub, { me });
      reset();
    });
  });
}
