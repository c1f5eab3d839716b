// The page before the running host: a rotation goes by, and every action is done from its dialog to its end.
import { setTimeout } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import { freePort } from '../../local/azure/ports.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { type Stage, setStage } from '../../local/start/stage.ts';
import { visit as visitWith } from './browser.ts';
import { eventually, HostClient } from './http-client.ts';

/** Nothing is due by itself; an overlap is long enough to be looked at. */
const POLICY = {
  ...DEMO_POLICY,
  rotationInterval: 'P1D',
  overlapMinimum: 'PT2S',
  overlapMaximum: 'PT5S',
  spread: 'PT0S',
};
/** Taken back in time, while other tests go on. */
const USED_POLICY = { ...POLICY, overlapMaximum: 'PT6S', standbyIsFree: false };
/** In the longest overlap after an adoption nothing is regenerated. */
const ADOPTION_MS = 6_500;
const NAME = 'demo-language-1';
/** In use before the service came: its first rotation waits for an approval. */
const USED = 'demo-openai-2';
const PATH = `/api/accounts/${NAME}`;

export interface Live {
  readonly stage: Stage;
  readonly client: HostClient;
  readonly url: string;
  readonly adoptedAt: number;
}

/** A host that has adopted both accounts. */
export async function startLive(): Promise<Live> {
  const accounts = demoAccounts(2);
  const applications = [{ name: NAME, account: NAME, style: 'appConfiguration' as const }];
  const stage = await setStage({ accounts, policy: POLICY, applications, latencyMs: 0, onLine: () => undefined });
  const { world } = stage.azure;
  const configure = (key: string, value: object) =>
    world.store.set(key, null, { value: JSON.stringify(value), contentType: 'application/json' });
  const used = [...world.accounts.values()].find(({ seed }) => seed.name === USED);
  configure('KeyRotation:Policies:used', USED_POLICY);
  configure(`KeyRotation:Accounts:${USED}`, { resourceId: used?.id, policy: 'used' });
  const port = await freePort();
  await stage.startHost(port);
  const client = new HostClient(port);
  for (const name of [NAME, USED]) {
    await eventually(
      () => client.get(`/api/accounts/${name}`),
      ({ body }) => body['phase'] === 'idle',
    );
  }
  return { stage, client, url: `http://127.0.0.1:${port}/api/page`, adoptedAt: Date.now() };
}

/** Opens the dialog of an action and gives the reason. */
async function begin(page: Page, button: string, reason: string) {
  await page.getByRole('group', { name: 'Actions' }).getByRole('button', { name: button }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill(reason);
  return dialog;
}

const phaseOf = (page: Page) => page.locator('.phases [aria-current=step] .label').first().textContent();

/** Shows what will happen, and does it. */
async function carryOut(page: Page, button: string) {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Show what will happen' }).click();
  await dialog.getByText('What will happen').waitFor();
  await dialog.getByRole('button', { name: button }).click();
}

const close = (page: Page) => page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

/** Milliseconds from the answer of the fleet to the first account that is drawn. */
const FIRST_VIEW = `new MutationObserver((_, observer) => {
  if (document.querySelector('[data-account]') === null) return;
  observer.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const answered = performance.getEntriesByType('resource').filter(({ name }) => name.includes('accounts?'));
    window.firstViewMs = performance.now() - Math.max(...answered.map(({ responseEnd }) => responseEnd));
  }));
}).observe(document, { childList: true, subtree: true });`;

export function describeLive(browser: Browser, begun: Promise<Live>): void {
  let live: Live;
  const visit = <T>(look: (page: Page) => Promise<T>, name = NAME): Promise<T> =>
    visitWith(browser, `${live.url}#/accounts/${name}`, { width: 1280 }, look);
  const statusNow = async (path = PATH) => (await live.client.get(path)).body;
  const keysNow = () => {
    const [account] = live.stage.azure.world.accounts.values();
    return { key1: account?.keys.key1.value, key2: account?.keys.key2.value };
  };

  describe('the page before the running host', () => {
    beforeAll(async () => {
      live = await begun;
      await setTimeout(Math.max(0, live.adoptedAt + ADOPTION_MS - Date.now()));
    });

    it('draws the fleet within 100 ms of the answer', async () => {
      const all = await visitWith(browser, live.url, { width: 1280 }, async (page) => {
        await page.addInitScript(FIRST_VIEW);
        const taken: number[] = [];
        // The best of three: other programs take their turns on this machine, too.
        for (let load = 0; load < 3; load++) {
          await page.reload();
          await expect.poll(() => page.evaluate('typeof window.firstViewMs')).toBe('number');
          taken.push(await page.evaluate('window.firstViewMs'));
        }
        return taken;
      });
      expect(Math.min(...all)).toBeGreaterThan(0);
      expect(Math.min(...all)).toBeLessThan(100);
    });

    it('says that it is local, and checks the account; the result is there for whoever comes later', async () => {
      await visit(async (page) => {
        await page.getByText('Local mode, no sign-in').waitFor();
        await page.getByText('None was made yet.').waitFor();
        await begin(page, 'Check', 'before the audit');
        await carryOut(page, 'Check connectivity');
        await page.getByRole('dialog').getByText('findings pass').click();
        await page.getByRole('dialog').getByText('Published is live').waitFor();
        await close(page);
      });
      await visit(async (page) => {
        await page.getByText('by a caller with a function key: before the audit').waitFor();
        await page.locator('.slot.standby .fingerprint').waitFor();
      });
    });

    it('pauses and resumes', async () => {
      await visit(async (page) => {
        await begin(page, 'Pause', 'release weekend');
        await carryOut(page, 'Pause');
        await page.getByRole('dialog').getByText('Done.').waitFor();
        await close(page);
        await page.getByText('release weekend').first().waitFor();
        await begin(page, 'Resume', 'released');
        await carryOut(page, 'Resume');
        await page.getByRole('dialog').getByText('Done.').waitFor();
        await close(page);
        await page.getByRole('button', { name: 'Pause' }).waitFor();
      });
      expect(await statusNow()).not.toHaveProperty('pause');
    });

    it('approves the first rotation of an account that was in use', async () => {
      const path = `/api/accounts/${USED}`;
      await live.client.post(`${path}/rotate`, { reason: 'first' });
      await visit(async (page) => {
        await page.getByText('Blocked: StandbyMayBeInUse.').waitFor();
        await begin(page, 'Approve', 'nobody uses key2');
        const dialog = page.getByRole('dialog');
        await dialog.getByRole('button', { name: 'Show what will happen' }).click();
        await dialog.getByText('Applications that use the standby key are cut off').waitFor();
        expect(await statusNow(path)).toMatchObject({ phase: 'idle', reason: 'StandbyMayBeInUse' });
        await dialog.getByRole('button', { name: 'Approve the first rotation' }).click();
        await dialog.getByText('Standby approved').waitFor();
        await close(page);
      }, USED);
      expect(await statusNow(path)).toMatchObject({ rotationId: 1 });
    });

    it('shows the rotation that has begun, and takes it back; the service goes on by itself', async () => {
      await visit(async (page) => {
        const dialog = await begin(page, 'Roll back', 'the new key fails');
        await dialog.getByRole('button', { name: 'Show what will happen' }).click();
        await dialog.getByText('Applications that have not taken the key that is published again').waitFor();
        await dialog.getByRole('button', { name: 'Roll back' }).click();
        await dialog.getByText('Rolled back', { exact: true }).waitFor();
        await dialog.getByText('It goes on by itself; this dialog may be closed.').waitFor();
        await close(page);
      }, USED);
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
        await close(page);
        await page.getByText('before the audit').first().waitFor();
        await page.locator('.plot canvas').waitFor();
      });
      expect(keysNow().key1).not.toBe(before.key1);
      expect(keysNow().key2).not.toBe(before.key2);
      expect(await statusNow()).toMatchObject({ phase: 'idle', rotationId: 1, publishedSlot: 'key2' });
    });

    it('replaces a compromised key only once the account’s name is typed', async () => {
      const { key2 } = keysNow();
      await visit(async (page) => {
        const dialog = await begin(page, 'Key compromised', 'found in a repository');
        const show = dialog.getByRole('button', { name: 'Show what will happen' });
        await dialog.getByLabel('to confirm').fill('demo-language');
        expect(await show.isDisabled()).toBe(true);
        await dialog.getByLabel('to confirm').fill(NAME);
        await show.click();
        await dialog.getByText('are cut off').first().waitFor();
        expect(keysNow().key2).toBe(key2);
        await dialog.getByRole('button', { name: 'Replace a compromised key' }).click();
        // Replaced within the call, proven dead when it has been rejected for five seconds.
        // A slow machine may show the proof first.
        await dialog.locator('.badge', { hasText: /replaced|Key is dead/ }).waitFor();
        expect(keysNow().key2).not.toBe(key2);
        await dialog.getByText('Key is dead').waitFor();
        expect(await dialog.locator('.leaked time').count()).toBe(4);
      });
    });

    it('shows how the rotation ended that was taken back', async () => {
      const ended = await eventually(
        () => statusNow(`/api/accounts/${USED}`),
        ({ phase }) => phase === 'idle',
      );
      expect(ended).toMatchObject({ phase: 'idle', publishedSlot: 'key1', last: { outcome: 'rolledBack' } });
      await visit((page) => page.locator('.history').getByText('Rolled back').first().waitFor(), USED);
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
}
