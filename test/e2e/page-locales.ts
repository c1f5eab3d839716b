// The page in four locales, in a real browser: the labels of the plot are all there, do not overlap and are not cut off;
// no sentence has raw backticks or a call of the API.
import type { Browser } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { visit } from './browser.ts';
import { LAST_CHECK } from './page-answers.ts';
import { type Stub, someHistory } from './page-stub.ts';

interface Label {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly y: number;
}

/** Notes each text of the last drawing, with its place in pixels of the canvas. Each drawing begins by clearing it. */
const NOTE_TEXTS = `window.drawn = [];
const clear = CanvasRenderingContext2D.prototype.clearRect;
CanvasRenderingContext2D.prototype.clearRect = function (...box) {
  window.drawn = [];
  return clear.apply(this, box);
};
const draw = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
  const half = this.measureText(text).width / 2;
  const point = this.getTransform().transformPoint({ x, y });
  const left = this.textAlign === 'center' ? point.x - half : point.x - 2 * half;
  window.drawn.push({ text, align: this.textAlign, x: point.x, left, right: left + 2 * half, y: point.y });
  return draw.call(this, text, x, y);
};`;

export function describeLocales(browser: Browser, stub: Stub): void {
  describe.each(['en-US', 'de-CH', 'ja-JP', 'ar'])('the page in %s', (locale) => {
    it.each([1280, 380])('has readable axes at %i pixels', async (width) => {
      const url = `${stub.url}#/accounts/orders-0001`;
      for (const scale of [1, 1 / 100_000]) {
        const now = Date.now();
        stub.history = someHistory().map((line) => ({
          ...line,
          at: new Date(now - (now - Date.parse(String(line['at']))) * scale).toISOString(),
        }));
        await visit(browser, url, { width, locale }, async (page) => {
          await page.addInitScript(NOTE_TEXTS);
          await page.reload();
          await page.locator('.plot canvas').waitFor();
          await expect.poll(() => page.evaluate('window.drawn.length')).toBeGreaterThan(3);
          // The plot follows its place a frame later.
          await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
          const [drawn, canvas]: [readonly Label[], number] = await page.evaluate(
            "[window.drawn, document.querySelector('.plot canvas').width]",
          );
          expect(drawn.map(({ text }) => text)).toEqual(expect.arrayContaining(['key1', 'key2']));
          const times = drawn.filter(({ text }) => !text.startsWith('key'));
          expect(times.length).toBeGreaterThan(1);
          for (const [index, label] of times.entries()) {
            expect([JSON.stringify(label), canvas, label.left >= 0, label.right <= canvas]).toEqual([
              JSON.stringify(label),
              canvas,
              true,
              true,
            ]);
            for (const other of times.slice(index + 1)) {
              if (other.text === label.text && other.left === label.left) continue;
              const isApart = Math.abs(other.y - label.y) > 8 || other.left >= label.right || other.right <= label.left;
              expect([label.text, other.text, isApart]).toEqual([label.text, other.text, true]);
            }
          }
        });
      }
      stub.history = someHistory();
    });
  });

  describe('a sentence on the page', () => {
    it('has no raw backticks and no call of the API', async () => {
      stub.details = {
        reason: 'Forbidden',
        failures: 2,
        detail: 'Set `RECONCILE_SCHEDULE`; see GET accounts/{account}.',
        lastCheck: {
          ...LAST_CHECK,
          findings: [
            { check: 'x', result: 'fail', detail: 'The `label` is wrong.', remedy: 'POST rotate runs one now.' },
          ],
        },
      };
      stub.problems = [{ setting: 'KeyRotation:Freeze', expected: '`true` or `false`.', remedy: 'See GET accounts.' }];
      const look = (hash: string) =>
        visit(browser, `${stub.url}${hash}`, { width: 1280 }, async (page) => {
          await page.locator('code').first().waitFor({ state: 'attached' });
          await page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))");
          return page.locator('main').textContent();
        });
      const texts = [await look('#/accounts/orders-0001'), await look(''), await look('#/accounts/orders-0001')];
      for (const text of texts) expect(text).not.toMatch(/`|\b(?:GET|POST) /);
      expect(texts[0]).toContain('Set RECONCILE_SCHEDULE; see the page of the account.');
      expect(texts[1]).toContain('true or false. See the list of accounts.');
      Object.assign(stub, { details: {}, problems: [] });
    });
  });
}
