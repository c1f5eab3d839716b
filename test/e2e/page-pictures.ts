// The states that an operator must read in five seconds, wide and narrow, light and dark: each fits and is accessible.
// With PAGE_IMAGES=<folder> every picture is written there; with PAGE_IMAGES=1 the ones of the documentation.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { BLOCKED_REASONS } from '../../src/rotation/reasons.ts';
import { visit } from './browser.ts';
import { FREEZE_PLAN, FROZEN, LAST_CHECK, OVERLAP } from './page-answers.ts';
import { HALTED } from './page-fleet.ts';
import { type Stub, someAccount, someHistory } from './page-stub.ts';

const WANTED = process.env['PAGE_IMAGES'] ?? '';
const DOCS = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const ACCOUNT = '#/accounts/orders-0001';
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
const REMEDY = 'See whether the Function App runs and whether reconcile-on-schedule is enabled.';
const LATE = { isLate: true, lastTickAt: ago(14 * 60_000), detail: 'D.', remedy: REMEDY };

interface State {
  readonly name: string;
  readonly hash?: string;
  readonly parts: Partial<Stub>;
  readonly ready: (page: Page, stub: Stub) => Promise<void>;
  /** Looked at in two of the four views, unless every picture is wanted. */
  readonly isBrief?: true;
}

const sees = (text: string) => (page: Page) => page.getByText(text).first().waitFor();

async function begin(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Key compromised' }).click();
  await page.getByLabel('Reason').fill('found in a public repository');
  await page.getByLabel('to confirm').fill('orders-0001');
}

async function lose(page: Page, stub: Stub): Promise<void> {
  await page.getByText('All well.').first().waitFor();
  stub.isDown = true;
  await page.evaluate("dispatchEvent(new Event('online'))");
  await page.locator('.connection').waitFor();
}

/** Both steps of a dialog: the wish, and what will happen. */
function stepsOf(name: string, label: string, details: Stub['details'], hash = ACCOUNT): readonly State[] {
  const open = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: label, exact: true }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('before the audit');
  };
  const show = async (page: Page): Promise<void> => {
    await open(page);
    await page.keyboard.press('Enter');
    await page.locator('.consequences:focus').waitFor();
  };
  const isFrozen = details['isFrozen'] === true;
  const parts = hash === ACCOUNT ? { details } : { accounts: CALM, ...details };
  return [
    { name: `${name}-1`, hash, parts, ready: open, isBrief: true },
    { name: `${name}-2`, hash, parts: isFrozen ? { ...parts, freezePlan: THAW } : parts, ready: show, isBrief: true },
  ];
}

const THAW = { ...FREEZE_PLAN, present: FROZEN, isFrozen: false };
const OPEN = {
  id: 'r-9',
  kind: 'rotate',
  state: 'open',
  reason: 'soon',
  by: 'Ada',
  at: LAST_CHECK.at,
  waitsFor: 'Paused',
};
const CALM = [0, 5, 6, 7, 8].map(someAccount);
const STATES: readonly State[] = [
  { name: 'all-well', parts: { accounts: CALM }, ready: sees('All well.') },
  { name: 'timer-dead', parts: { accounts: CALM, health: { timer: LATE } }, ready: sees('The timer has stopped.') },
  { name: 'connection-lost', parts: { accounts: CALM }, ready: lose },
  ...BLOCKED_REASONS.map((reason) => ({
    name: `blocked-${reason}`,
    hash: ACCOUNT,
    parts: { details: { reason, isBlocked: true } },
    ready: sees(`Blocked: ${reason}.`),
  })),
  {
    name: 'age-not-known',
    hash: ACCOUNT,
    parts: {
      accounts: [{ ...someAccount(0), last: undefined, rotationId: 0, keyRegeneratedAt: undefined }],
      history: [],
    },
    ready: sees('Age not known.'),
  },
  { name: 'compromised-1', hash: ACCOUNT, parts: {}, ready: begin },
  {
    name: 'compromised-2',
    hash: ACCOUNT,
    parts: {},
    ready: async (page) => {
      await begin(page);
      await page.getByRole('button', { name: 'Show what will happen' }).click();
      await page.locator('.consequences:focus').waitFor();
    },
  },
  ...stepsOf('rotate', 'Rotate', {}),
  ...stepsOf('check', 'Check', {}),
  ...stepsOf('rollback', 'Roll back', OVERLAP),
  ...stepsOf('approve', 'Approve', { reason: 'StandbyMayBeInUse', isBlocked: true }),
  ...stepsOf('pause', 'Pause', {}),
  ...stepsOf('resume', 'Resume', { pause: { by: 'Ada', reason: 'holidays', at: LAST_CHECK.at } }),
  ...stepsOf('withdraw', 'Withdraw', { openRequests: [OPEN] }),
  ...stepsOf('freeze', 'Freeze all rotations', {}, ''),
  ...stepsOf('unfreeze', 'End the freeze', { isFrozen: true, freeze: FROZEN }, ''),
  {
    name: 'frozen',
    parts: { accounts: CALM, isFrozen: true, freeze: FROZEN },
    ready: sees('By Ada Lovelace (o-1): the network team works'),
  },
  {
    name: 'campaign-abort',
    parts: { campaigns: [HALTED] },
    ready: async (page) => {
      await page.getByRole('button', { name: 'Abort campaign' }).click();
      await page.getByRole('dialog').getByLabel('Reason').fill('a wrong filter');
    },
    isBrief: true,
  },
  { name: 'campaign-halted', parts: { campaigns: [HALTED] }, ready: sees('Halted:') },
  {
    name: 'five-thousand',
    parts: { accounts: Array.from({ length: 5_000 }, (_, index) => someAccount(index)) },
    ready: sees('5,000 accounts'),
  },
];
const VIEWS = [
  ['1280-light', { width: 1280, height: 800 }],
  ['1280-dark', { width: 1280, height: 800, isDark: true }],
  ['380-light', { width: 380, height: 760 }],
  ['380-dark', { width: 380, height: 760, isDark: true }],
] as const;
/** In which brief states are looked at. */
const BRIEF: readonly string[] = ['1280-light', '380-dark'];
/** Of the documentation. */
const KEPT = [
  'all-well-1280-light',
  'timer-dead-1280-light',
  'connection-lost-380-light',
  'blocked-StandbyMayBeInUse-1280-light',
  'age-not-known-1280-dark',
  'compromised-2-380-dark',
  'campaign-halted-1280-light',
  'frozen-1280-light',
  'freeze-2-1280-light',
  'five-thousand-1280-dark',
];

async function photograph(page: Page, name: string): Promise<void> {
  const folder = WANTED === '1' ? DOCS : WANTED;
  if (folder === '' || (WANTED === '1' && !KEPT.includes(name))) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/state-${name}.png` });
}

async function violations(page: Page): Promise<unknown> {
  await page.evaluate(axe.source);
  return page.evaluate(`axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
    .then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))`);
}

export function describePictures(browser: Browser, stub: Stub): void {
  describe.each(VIEWS)('a state to be read in five seconds: %s', (view, size) => {
    const states = STATES.filter(
      ({ isBrief }) => isBrief !== true || !['', '1'].includes(WANTED) || BRIEF.includes(view),
    );
    it.each(states)('$name', async ({ name, hash = '', parts, ready }) => {
      const former = { ...stub };
      Object.assign(stub, parts);
      try {
        await visit(browser, `${stub.url}${hash}`, size, async (page) => {
          await ready(page, stub);
          expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
          await photograph(page, `${name}-${view}`);
          expect(await violations(page)).toEqual([]);
        });
      } finally {
        Object.assign(stub, former, { isDown: false, history: someHistory() });
      }
    });
  });
}
