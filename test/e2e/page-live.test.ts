// The page before the running host: a rotation goes by, and every action is done from its dialog to its end.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import { freePort } from '../../local/azure/ports.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { type Stage, setStage } from '../../local/start/stage.ts';
import { startBrowser, type TestBrowser, visit as visitWith } from './browser.ts';
import { eventually, HostClient } from './http-client.ts';

/** Nothing is due by itself; an overlap is long enough to be looked at and to be rolled back. */
const POLICY = {
  ...DEMO_POLICY,
  rotationInterval: 'P1D',
  overlapMinimum: 'PT3S',
  overlapMaximum: 'PT7S',
  spread: 'PT0S',
};
const NAME = 'demo-language-1';
const PATH = `/api/accounts/${NAME}`;

const started = await startBrowser();
let browser: TestBrowser;
let stage: Stage;
let client: HostClient;
let address: string;

beforeAll(async () => {
  if (typeof started === 'string') return;
  browser = started;
  stage = await setStage({ accounts: demoAccounts(1), policy: POLICY, latencyMs: 0, onLine: () => undefined });
  const port = await freePort();
  await stage.startHost(port);
  address = `http://127.0.0.1:${port}/api/page`;
  client = new HostClient(port);
  await eventually(
    () => client.get(PATH),
    ({ body }) => body['phase'] === 'idle',
  );
  // In the longest overlap after an adoption nothing is regenerated.
  await new Promise((resolve) => setTimeout(resolve, 7_500));
});
afterAll(async () => {
  if (typeof started === 'string') return;
  await stage.close();
  await browser.close();
});

const visit = <T>(look: (page: Page) => Promise<T>): Promise<T> =>
  visitWith(browser.browser, `${address}#/accounts/${NAME}`, { width: 1280 }, look);

/** Opens the dialog of an action and gives the reason. */
async function begin(page: Page, button: string, reason: string) {
  await page.getByRole('group', { name: 'Actions' }).getByRole('button', { name: button }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill(reason);
  return dialog;
}

const phaseOf = (page: Page) => page.locator('.phases [aria-current=step] .label').first().textContent();
const statusNow = async () => (await client.get(PATH)).body;
const keysNow = () => {
  const [account] = stage.azure.world.accounts.values();
  return { key1: account?.keys.key1.value, key2: account?.keys.key2.value };
};

describe.skipIf(typeof started === 'string')('the page before the running host', () => {
  it('says that it is local, and checks the account', async () => {
    await visit(async (page) => {
      await page.getByText('Local mode, nobody signs in').waitFor();
      await page.getByRole('button', { name: 'Check' }).click();
      await page.getByRole('button', { name: 'Check connectivity' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('Published is live').waitFor();
      await dialog.getByRole('button', { name: 'Close' }).click();
      await page.getByRole('heading', { name: /Connectivity check/ }).waitFor();
    });
  });

  it('rehearses a rotation, begins it, and shows each phase as it goes by', async () => {
    const before = keysNow();
    await visit(async (page) => {
      const dialog = await begin(page, 'Rotate', 'before the audit');
      await dialog.getByRole('button', { name: 'Show what will happen' }).click();
      await dialog.getByText(`Azure Resource Manager: regenerate key2 of ${NAME}`).first().waitFor();
      expect(keysNow()).toEqual(before);
      await dialog.getByRole('button', { name: 'Rotate now' }).click();
      await dialog.getByText('Rotation started').waitFor();
      const seen = new Set<string | null>();
      const isDone = async (): Promise<boolean> => {
        seen.add(await phaseOf(page));
        return (await dialog.getByText('Done.').count()) === 1;
      };
      await expect.poll(isDone, { timeout: 30_000 }).toBe(true);
      expect([...seen]).toContain('Propagating');
      await dialog.getByRole('button', { name: 'Close' }).click();
      await page.getByText('before the audit').first().waitFor();
      await page.locator('.plot canvas').waitFor();
    });
    expect(keysNow().key1).not.toBe(before.key1);
    expect(keysNow().key2).not.toBe(before.key2);
    expect(await statusNow()).toMatchObject({ phase: 'idle', rotationId: 1, publishedSlot: 'key2' });
  });

  it('pauses and resumes', async () => {
    await visit(async (page) => {
      const pausing = await begin(page, 'Pause', 'release weekend');
      await pausing.getByText('No rotation begins or goes on').waitFor();
      await pausing.getByRole('button', { name: 'Pause' }).click();
      await pausing.getByText('Done.').waitFor();
      await pausing.getByRole('button', { name: 'Close' }).click();
      await page.getByText('release weekend').first().waitFor();
      const resuming = await begin(page, 'Resume', 'released');
      await resuming.getByRole('button', { name: 'Resume' }).click();
      await resuming.getByText('Done.').waitFor();
      await resuming.getByRole('button', { name: 'Close' }).click();
      await page.getByRole('button', { name: 'Pause' }).waitFor();
    });
    expect(await statusNow()).not.toHaveProperty('pause');
  });

  it('shows a rotation that somebody else began, and rolls it back', async () => {
    await visit(async (page) => {
      await page.getByText('Idle').first().waitFor();
      const asked = client.post(`${PATH}/rotate`, { reason: 'by another' });
      const dialog = await begin(page, 'Roll back', 'the new key fails');
      await dialog.getByRole('button', { name: 'Roll back' }).click();
      await dialog.getByText('Rolled back').waitFor();
      await asked;
      await dialog.getByText('Done.').waitFor({ timeout: 25_000 });
    });
    expect(await statusNow()).toMatchObject({ phase: 'idle', publishedSlot: 'key2', last: { outcome: 'rolledBack' } });
  });

  it('kills a compromised key only once the account’s name is typed', async () => {
    const { key2 } = keysNow();
    await visit(async (page) => {
      const dialog = await begin(page, 'Key compromised', 'found in a repository');
      const show = dialog.getByRole('button', { name: 'Show what will happen' });
      await dialog.getByLabel('to confirm').fill('demo-language');
      expect(await show.isDisabled()).toBe(true);
      await dialog.getByLabel('to confirm').fill(NAME);
      await show.click();
      await dialog.getByText('is cut off').first().waitFor();
      expect(keysNow().key2).toBe(key2);
      await dialog.getByRole('button', { name: 'Kill a compromised key' }).click();
      await dialog.getByText('Key is dead').waitFor();
    });
    expect(keysNow().key2).not.toBe(key2);
  });

  it('never holds a key', async () => {
    const shown = await visit(async (page) => {
      await page.getByText('found in a repository').first().waitFor();
      return page.content();
    });
    const { key1, key2 } = keysNow();
    for (const key of [key1, key2]) expect(shown).not.toContain(key);
    expect(shown).toContain('Rotation started');
  });
});

if (typeof started === 'string') it('cannot be looked at here', ({ skip }) => skip(started));
