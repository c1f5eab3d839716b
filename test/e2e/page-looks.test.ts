// How the page looks, in a real browser: accessible by axe, nothing cut off, light and dark, narrow and wide. With
// PAGE_IMAGES=1 the views are kept in docs/images.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser, type TestBrowser, type View, visit } from './browser.ts';
import { OVERLAP, type Stub, startStub } from './page-stub.ts';

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const VIEWS: readonly (readonly [string, View])[] = [
  ['wide and light', { width: 1280, height: 900 }],
  ['wide and dark', { width: 1280, height: 1180, isDark: true }],
  ['narrow and light', { width: 360 }],
  ['narrow and dark', { width: 360, isDark: true }],
];
/** What is kept as documentation. */
const KEPT = ['fleet-wide-and-light', 'account-wide-and-dark', 'fleet-narrow-and-dark', 'compromised-wide-and-light'];

const started = await startBrowser();
let browser: TestBrowser;
let stub: Stub;
beforeAll(async () => {
  if (typeof started === 'string') return;
  browser = started;
  stub = await startStub(12);
  stub.details = OVERLAP;
  stub.answers.set('rotate', [200, REHEARSED]);
});
afterAll(async () => {
  if (typeof started === 'string') return;
  await stub.close();
  await browser.close();
});

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

async function runCheck(page: Page): Promise<void> {
  stub.answers.set('check', [503, CHECKED]);
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByRole('button', { name: 'Check connectivity' }).click();
  await page.getByRole('dialog').getByText('Allow its subnet.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
}

describe.skipIf(typeof started === 'string')('the page', () => {
  it.each(VIEWS)('is accessible: %s', async (name, view) => {
    await visit(browser.browser, stub.url, view, async (page) => {
      await page.getByText('12 accounts').waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(await violations(page)).toEqual([]);
      await photograph(page, `fleet-${name.replaceAll(' ', '-')}`);
      await page.getByRole('link', { name: 'orders-0001' }).click();
      await page.locator('.plot canvas').waitFor();
      await runCheck(page);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      await page.evaluate('scrollTo(0, 0)');
      expect(await violations(page)).toEqual([]);
      await photograph(page, `account-${name.replaceAll(' ', '-')}`);
      await page.getByRole('button', { name: 'Key compromised' }).click();
      await page.getByLabel('Reason').fill('found in a public repository');
      await page.getByLabel('to confirm').fill('orders-0001');
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Show what will happen' }).click();
      await page.getByText('Who is affected').waitFor();
      expect(await violations(page)).toEqual([]);
      await photograph(page, `compromised-${name.replaceAll(' ', '-')}`);
    });
  });
});

if (typeof started === 'string') it('cannot be looked at here', ({ skip }) => skip(started));
