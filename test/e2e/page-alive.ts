// The line on top of the page, in a real browser: alive or not, since when, what that means, what to do, how old it is.
import type { Browser, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { visit as visitWith } from './browser.ts';
import { type Stub, someAccount } from './page-stub.ts';

const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
const CALM = [0, 5, 6].map(someAccount);

export function describeAlive(browser: Browser, stub: Stub): void {
  const visit = <T>(look: (page: Page) => Promise<T>, hash = ''): Promise<T> =>
    visitWith(browser, `${stub.url}${hash}`, { width: 1280 }, look);
  const line = (page: Page) => page.getByRole('region', { name: 'The service' });
  /** The stub with other data, put back at the end. */
  const whileIt = async (
    parts: Partial<Pick<Stub, 'accounts' | 'health'>>,
    look: () => Promise<void>,
  ): Promise<void> => {
    const { accounts, health } = stub;
    Object.assign(stub, parts);
    try {
      await look();
    } finally {
      Object.assign(stub, { accounts, health });
    }
  };

  describe('the line on top', () => {
    it('says that all is well, when the timer ran, and how old the view is', async () => {
      await whileIt({ accounts: CALM }, () =>
        visit(async (page) => {
          await line(page).getByText('All well.').waitFor();
          expect(await line(page).textContent()).toMatch(
            /All well\. The timer ran \d+ secs ago\.Updated \d+ secs? ago$/,
          );
        }),
      );
    });

    it('says in red that the timer is dead: since when, what that means, what to do', async () => {
      const remedy = 'See whether the Function App runs.';
      const timer = { isLate: true, lastTickAt: ago(14 * 60_000), detail: 'The timer last ran 840 s ago.', remedy };
      await whileIt({ accounts: CALM, health: { timer, isHealthy: false } }, () =>
        visit(async (page) => {
          await line(page).getByText('The timer has stopped.').waitFor();
          expect(await line(page).getAttribute('class')).toContain('bad');
          const text = await line(page).textContent();
          expect(text).toContain('It last ran 14 mins ago, at');
          expect(text).toContain('No rotation begins on time');
          expect(text).toContain(`What to do: ${remedy}`);
          expect(await line(page).locator('time').count()).toBe(1);
          expect(await page.getByText('All well.').count()).toBe(0);
        }),
      );
    });

    it('is there beside an account as well, and names how many accounts are blocked and overdue', async () => {
      await visit(async (page) => {
        await line(page).getByText('Accounts: 1 blocked, 1 overdue.').waitFor();
        await line(page)
          .getByText(/^Updated \d+ secs? ago$/)
          .waitFor();
      }, '#/accounts/orders-0001');
    });

    it('says at once that the browser is offline, and beside an account that the service is gone', async () => {
      await visit(async (page) => {
        await line(page).getByText('The service is alive.').waitFor();
        await page.context().setOffline(true);
        await line(page).getByText('Connection lost.').waitFor();
        // Waited for: an answer that was on its way may still have come.
        await line(page)
          .getByText(/What you see is \d+ secs? old\./)
          .waitFor();
        await page.context().setOffline(false);
        await line(page).getByText('The service is alive.').waitFor();
        stub.isDown = true;
        // The account is asked for every three seconds, so this comes without an event.
        await line(page).getByText('Connection lost.').waitFor({ timeout: 8_000 });
        stub.isDown = false;
      }, '#/accounts/orders-0001');
    });

    it('says what the service itself cannot reach', async () => {
      stub.answers.set('health', [503, { title: 'Azure Tables does not answer.', detail: 'D.', remedy: 'Wait.' }]);
      await visit(async (page) => {
        await line(page).getByText('Azure Tables does not answer.').waitFor();
        await line(page).getByText('What to do: Wait.').waitFor();
      });
      stub.answers.delete('health');
    });
  });
}
