// How the page looks, in a real browser: accessible by axe, nothing cut off, light and dark, narrow and wide. With
// PAGE_IMAGES=1 the views are kept in docs/images.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type View, visit } from './browser.ts';
import { CHECKED, LAST_CHECK, OVERLAP } from './page-answers.ts';
import type { Stub } from './page-stub.ts';

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const VIEWS: readonly (readonly [string, View])[] = [
  ['wide and light', { width: 1280, height: 900 }],
  ['wide and dark', { width: 1280, height: 1180, isDark: true }],
  ['narrow and light', { width: 360 }],
  ['narrow and dark', { width: 360, isDark: true }],
];
/** What is kept as documentation. */
const KEPT = ['fleet-wide-and-light', 'account-wide-and-dark', 'fleet-narrow-and-dark', 'compromised-wide-and-light'];

/** Run as the debugger does: the page's own policy lets no other script in. */
async function violations(page: Page): Promise<unknown> {
  await page.evaluate(axe.source);
  return page.evaluate(`axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => html + failureSummary)]))`);
}

/** Kept as documentation when asked for. */
async function photograph(page: Page, name: string): Promise<void> {
  if (process.env['PAGE_IMAGES'] !== '1' || !KEPT.includes(name)) return;
  await mkdir(IMAGES, { recursive: true });
  await page.screenshot({ path: `${IMAGES}${name}.png` });
}

/** Nothing is cut off, and axe has nothing to say. */
async function requireFine(page: Page): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  expect(await violations(page)).toEqual([]);
}

async function runCheck(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByRole('button', { name: 'Show what will happen' }).click();
  await page.getByText('At most 6 calls.').waitFor();
  await requireFine(page);
  await page.getByRole('button', { name: 'Check connectivity' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Allow its subnet.').waitFor();
  await requireFine(page);
  await dialog.getByRole('button', { name: 'Close' }).click();
}

export function describeLooks(browser: Browser, stub: Stub): void {
  describe('how the page looks', () => {
    beforeAll(() => {
      stub.details = { ...OVERLAP, lastCheck: LAST_CHECK };
      stub.answers.set('check', [503, { account: 'orders-0001', ...CHECKED }]);
    });
    afterAll(() => void (stub.details = {}));

    it.each(VIEWS)('is accessible: %s', async (name, view) => {
      const file = name.replaceAll(' ', '-');
      await visit(browser, stub.url, view, async (page) => {
        await page.getByText('12 accounts').waitFor();
        await requireFine(page);
        await photograph(page, `fleet-${file}`);
        // On a narrow screen its row is too far down to be in the document.
        await page.getByLabel('Search by name or resource id').fill('orders-0001');
        await page.getByRole('link', { name: 'orders-0001' }).click();
        await page.locator('.plot canvas').waitFor();
        await requireFine(page);
        await photograph(page, `account-${file}`);
        await runCheck(page);
        await page.getByRole('button', { name: 'Key compromised' }).click();
        await page.getByLabel('Reason').fill('found in a public repository');
        await page.getByLabel('to confirm').fill('orders-0001');
        await page.getByRole('button', { name: 'Show what will happen' }).click();
        await page.getByText('Who is affected').waitFor();
        await requireFine(page);
        await photograph(page, `compromised-${file}`);
      });
    });
  });
}
