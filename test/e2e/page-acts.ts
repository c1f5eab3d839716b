// What is done from the page, in a real browser before an API that answers from memory: refusals, repeats, and the keyboard.
import type { Browser, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { visit as visitWith } from './browser.ts';
import { CHECKED, LAST_CHECK, LEAKED, OVERLAP, REHEARSED } from './page-answers.ts';
import type { Stub } from './page-stub.ts';

const PROBLEM = {
  title: 'The account is not in a state in which this can begin.',
  detail: 'A rotation is under way (propagating).',
  remedy: 'Ask again after 2031-05-04T09:00:00.000Z at the latest.',
  status: 409,
};

/** Presses the tabulator until what bears this text has the focus. */
async function tabTo(page: Page, text: string): Promise<void> {
  for (let press = 0; press < 25; press++) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate('document.activeElement.textContent')) === text) return;
  }
  throw new Error(`The tabulator does not reach ${text}.`);
}

export function describeActs(browser: Browser, stub: Stub): void {
  const visit = <T>(look: (page: Page) => Promise<T>): Promise<T> =>
    visitWith(browser, `${stub.url}#/accounts/orders-0001`, { width: 1280 }, look);

  describe('what is done from the page', () => {
    it('shows a refusal with title, detail and remedy, and repeats a wish under the same idempotency key', async () => {
      stub.details = OVERLAP;
      stub.answers.set('rollback', [409, PROBLEM]);
      stub.posts.length = 0;
      await visit(async (page) => {
        await page.getByRole('button', { name: 'Roll back' }).click();
        const dialog = page.getByRole('dialog');
        expect(await dialog.getByRole('button', { name: 'Show what will happen' }).isDisabled()).toBe(true);
        await dialog.getByLabel('Reason').fill('the new key fails');
        await page.keyboard.press('Enter');
        await dialog.getByText('Who is affected').waitFor();
        expect(stub.posts).toEqual([]);
        await dialog.getByRole('button', { name: 'Roll back' }).click();
        for (const text of [PROBLEM.title, 'A rotation is under way', 'Ask again after']) {
          await dialog.getByText(text).waitFor();
        }
        // The service writes instants in UTC; the page tells them as the viewer does.
        expect(await dialog.getByRole('alert').locator('time').getAttribute('title')).toBe('2031-05-04 09:00:00 UTC');
        await dialog.getByRole('button', { name: 'Roll back' }).click();
        await expect.poll(() => stub.posts.length).toBe(2);
      });
      const [first, second] = stub.posts;
      expect(first).toMatchObject({
        body: { reason: 'the new key fails' },
        headers: { 'sec-fetch-site': 'same-origin' },
      });
      expect(first?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
      expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
      stub.details = {};
    });

    it('says beforehand that a roll back would be refused', async () => {
      stub.details = OVERLAP;
      stub.rehearsal = { ...REHEARSED, steps: [], outcome: 'RefusedSupersededKeyRejected' };
      await visit(async (page) => {
        await page.getByRole('button', { name: 'Roll back' }).click();
        await page.getByLabel('Reason').fill('the new key fails');
        await page.keyboard.press('Enter');
        await page.getByText('It would be refused: Superseded key rejected.').waitFor();
      });
      Object.assign(stub, { details: {}, rehearsal: REHEARSED });
    });

    it('asks what is accepted, nothing beforehand and the outage last, and follows a leaked key to its proof', async () => {
      const request = { id: 'r-2', kind: 'compromised', state: 'replaced', replacedAt: LEAKED.replacedAt };
      stub.answers.set('rotate', [202, { request: { ...request, summary: 'Its proof is under way.' } }]);
      stub.posts.length = 0;
      await visit(async (page) => {
        await page.getByRole('button', { name: 'Key compromised' }).click();
        const dialog = page.getByRole('dialog');
        const choices = dialog.getByRole('radio');
        await choices.first().waitFor();
        const values = (await choices.all()).map((choice) => choice.getAttribute('value'));
        expect(await Promise.all(values)).toEqual(['', 'unverifiedKey', 'outage']);
        expect(await choices.first().isChecked()).toBe(true);
        await dialog.getByLabel('An outage.').check();
        await dialog.getByLabel('Reason').fill('it is in the news');
        await dialog.getByLabel('to confirm').fill('orders-0001');
        await page.keyboard.press('Enter');
        await dialog.getByText('Who is affected').waitFor();
        await dialog.getByRole('button', { name: 'Replace a compromised key' }).click();
        await dialog.getByText('Its proof is under way.').waitFor();
        const milestones = dialog.locator('.leaked dl > div');
        expect(await milestones.first().locator('time').getAttribute('datetime')).toBe(LEAKED.replacedAt);
        expect(await milestones.last().textContent()).toBe('Proven deadnot yet');
        stub.answers.set('r-2', [
          200,
          { ...request, state: 'closed', outcome: 'KeyIsDead', provenAt: LEAKED.provenAt },
        ]);
        await dialog.getByText('Key is dead').waitFor();
        expect(await milestones.last().locator('time').getAttribute('datetime')).toBe(LEAKED.provenAt);
      });
      expect(stub.posts.map(({ body }) => body)).toEqual([
        { reason: 'it is in the news', compromised: 'published', accept: 'outage' },
      ]);
      stub.answers.delete('r-2');
    });

    it('says that a pause has met a pass, and shows a leaked key whose proof is under way', async () => {
      stub.answers.set('pause', [200, { isPassUnderWay: true }]);
      stub.details = { openRequests: [LEAKED.open] };
      await visit(async (page) => {
        await page.getByText('A key has leaked: replaced.').waitFor();
        await page.getByText('The leaked key is not a key of the account since').waitFor();
        await page.getByRole('button', { name: 'Pause', exact: true }).click();
        await page.getByLabel('Reason').fill('holidays');
        await page.keyboard.press('Enter');
        await page.locator('.consequences:focus').waitFor();
        await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
        await page.getByText('Done. A pass is under way: an effect that it has begun may still end').waitFor();
      });
      stub.details = {};
    });

    it('shows what an open request waits for, and withdraws it', async () => {
      const open = { id: 'r-9', kind: 'rotate', state: 'open', reason: 'soon', by: 'Ada', at: LAST_CHECK.at } as const;
      stub.details = { openRequests: [{ ...open, waitsFor: 'Paused', expiresAt: '2031-06-30T12:00:00.000Z' }] };
      stub.answers.set('withdraw', [200, { request: { ...open, state: 'closed', outcome: 'Withdrawn' } }]);
      stub.posts.length = 0;
      await visit(async (page) => {
        await page.getByText('Asked for: Rotate.').waitFor();
        await page.getByText('It waits. Paused: no rotation begins or goes on.').waitFor();
        await page.getByRole('button', { name: 'Withdraw' }).click();
        await page.getByText('Rotate, asked for by Ada: soon').waitFor();
        await page.getByLabel('Reason').fill('a mistake');
        await page.keyboard.press('Enter');
        await page.locator('.consequences:focus').waitFor();
        await page.getByRole('dialog').getByRole('button', { name: 'Withdraw the request' }).click();
        await page.getByRole('dialog').getByText('Done.').waitFor();
      });
      expect(stub.posts.map(({ path, body }) => [path, body])).toEqual([
        ['/api/accounts/orders-0001/requests/r-9/withdraw', { reason: 'a mistake' }],
      ]);
      stub.details = {};
    });

    it('does every action by keyboard alone, and gives the focus back', async () => {
      const request = { id: 'r-1', kind: 'rotate', state: 'closed', outcome: 'RotationStarted', rotationId: 4 };
      for (const verb of ['rotate', 'rollback', 'approve']) stub.answers.set(verb, [202, { request }]);
      for (const verb of ['pause', 'resume']) stub.answers.set(verb, [200, { isPassUnderWay: false }]);
      stub.answers.set('check', [503, { account: 'orders-0001', ...CHECKED }]);
      const pause = { by: 'Ada', reason: 'x', at: LAST_CHECK.at };
      stub.posts.length = 0;
      const actions: readonly (readonly [label: string, title: string, details: Stub['details']])[] = [
        ['Rotate', 'Rotate now', {}],
        ['Check', 'Check connectivity', {}],
        ['Roll back', 'Roll back', OVERLAP],
        ['Approve', 'Approve the first rotation', { reason: 'StandbyMayBeInUse' }],
        ['Pause', 'Pause', {}],
        ['Resume', 'Resume', { pause }],
        ['Key compromised…', 'Replace a compromised key', {}],
      ];
      await visit(async (page) => {
        for (const [label, title, details] of actions) {
          stub.details = details;
          await page.evaluate("dispatchEvent(new Event('online'))");
          await page.getByRole('button', { name: label, exact: true }).waitFor();
          await page.locator('h1').focus();
          await tabTo(page, label);
          await page.keyboard.press('Enter');
          await page.locator('dialog :focus').waitFor();
          if (label.startsWith('Key')) {
            for (const key of ['Tab', 'Tab', 'Tab']) await page.keyboard.press(key);
            await page.keyboard.type('orders-0001');
            await page.keyboard.press('Tab');
          }
          await page.keyboard.type('by hand');
          await page.keyboard.press('Enter');
          await page.locator('.consequences:focus').waitFor();
          await tabTo(page, title);
          await page.keyboard.press('Enter');
          await page.getByRole('dialog').getByRole('button', { name: 'Close' }).waitFor();
          await page.keyboard.press('Escape');
          await page.locator('button:focus', { hasText: label }).waitFor();
        }
        // Where the button has gone, the focus stays where it was among the actions.
        stub.details = {};
        await page.evaluate("dispatchEvent(new Event('online'))");
        await page.getByRole('button', { name: 'Pause', exact: true }).click();
        stub.details = { pause };
        await page.evaluate("dispatchEvent(new Event('online'))");
        await page.locator('.actions button', { hasText: 'Resume' }).waitFor({ state: 'attached' });
        await page.keyboard.press('Escape');
        await page.locator('.actions:focus').waitFor();
      });
      expect(stub.posts.map(({ path, body }) => [path.split('/').at(-1), body])).toEqual([
        ['rotate', { reason: 'by hand' }],
        ['check', { reason: 'by hand', searchVault: false }],
        ['rollback', { reason: 'by hand' }],
        ['approve', { reason: 'by hand' }],
        ['pause', { reason: 'by hand' }],
        ['resume', { reason: 'by hand' }],
        ['rotate', { reason: 'by hand', compromised: 'published' }],
      ]);
      stub.details = {};
    });
  });
}
