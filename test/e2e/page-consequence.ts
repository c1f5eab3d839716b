// Consequence first, in a real browser: what stops working when, who is affected, then the calls; and no button that acts
// before the first two were on screen, wide and narrow.
import type { Browser, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { visit } from './browser.ts';
import { REHEARSED } from './page-answers.ts';
import type { Stub } from './page-stub.ts';

const MANY = Array.from({ length: 30 }, (_, index) => ({
  consumer: `consumer-${index}`,
  risk: 'cutOff',
  detail: 'The key that it uses dies at once: calls fail until it has refreshed.',
}));

/** The first position of each text in the dialog. */
async function order(page: Page, texts: readonly string[]): Promise<readonly number[]> {
  const whole = (await page.getByRole('dialog').textContent()) ?? '';
  return texts.map((text) => whole.indexOf(text));
}

async function rehearse(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Key compromised' }).click();
  await page.getByLabel('Reason').fill('found in a repository');
  await page.getByLabel('to confirm').fill('orders-0001');
  await page.getByRole('button', { name: 'Show what will happen' }).click();
  await page.locator('.consequences:focus').waitFor();
}

export function describeConsequence(browser: Browser, stub: Stub): void {
  describe.each([
    ['wide', { width: 1280, height: 800 }],
    ['narrow', { width: 380, height: 700 }],
  ] as const)('a dangerous dialog: %s', (_name, view) => {
    const look = (act: (page: Page) => Promise<void>) => visit(browser, `${stub.url}#/accounts/orders-0001`, view, act);
    const act = (page: Page) => page.getByRole('dialog').getByRole('button', { name: 'Replace a compromised key' });

    it('says first which key stops working when, then who is affected, then the calls', async () => {
      await look(async (page) => {
        await rehearse(page);
        const texts = [
          'The published key (key1) stops working at',
          'Who is affected',
          'What will happen',
          'regenerate key1',
        ];
        const found = await order(page, texts);
        expect(Math.min(...found)).toBeGreaterThan(-1);
        expect(found).toEqual(found.toSorted((a, b) => a - b));
        expect(await page.locator('.loss time').getAttribute('datetime')).toBe(REHEARSED.steps[3]?.at);
        // The form is closed: the sentence is in sight without scrolling, and so is who is affected.
        expect(await page.evaluate("document.querySelector('.loss').getBoundingClientRect().top > 0")).toBe(true);
        await page.getByText('Leaked key: the published one').waitFor();
        await expect.poll(() => act(page).isEnabled()).toBe(true);
      });
    });

    it('does not let anybody act before who is affected was on screen', async () => {
      stub.rehearsal = { ...REHEARSED, consumers: MANY };
      await look(async (page) => {
        await rehearse(page);
        await page.getByText('Read on first: scroll down.').waitFor();
        expect(await act(page).isDisabled()).toBe(true);
        await page.getByRole('heading', { name: 'What will happen' }).scrollIntoViewIfNeeded();
        await expect.poll(() => act(page).isEnabled()).toBe(true);
        expect(await page.getByText('Read on first: scroll down.').count()).toBe(0);
        // A changed wish has other consequences.
        await page.getByRole('button', { name: 'Change' }).click();
        await page.getByRole('button', { name: 'Show what will happen' }).click();
        await page.getByText('Read on first: scroll down.').waitFor();
        expect(await act(page).isDisabled()).toBe(true);
      });
      stub.rehearsal = REHEARSED;
    });
  });
}
