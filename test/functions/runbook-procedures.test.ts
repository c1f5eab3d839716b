// The procedures of the runbook, tried: the record table lost, the secret deleted, keys switched off.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountState } from '../../local/azure/world/world.ts';
import { type HttpStage, startHttpStage } from './http/stage.ts';

let stage: HttpStage;
let shop: AccountState;
beforeAll(async () => {
  stage = await startHttpStage();
  shop = stage.addAccount('shop');
  await stage.adopt();
});
afterAll(() => stage.close());

const regenerates = (): number => stage.azure.requests.filter(({ operation }) => operation === 'regenerateKey').length;
const published = (): string => stage.azure.world.vault.get('shop-key').value;

const RUNBOOK = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');

/** The block of commands of the runbook that begins with these words. */
function blockWith(words: string): string {
  const blocks = [...RUNBOOK.matchAll(/^( *)```sh\n([\s\S]*?)^\1```$/gm)].map(([, , body = '']) => body);
  return blocks.find((body) => body.includes(words)) ?? '';
}

/** Runs commands with `curl` as this shell function. */
const shell = (curl: string, commands: string, env: Readonly<Record<string, string>> = {}) =>
  spawnSync('bash', ['-c', `curl() { ${curl}; }\n${commands}`], {
    env: { ...process.env, ACCOUNT: 'https://app/api/accounts/shop', ...env },
  });

describe('a pass in the next tick', () => {
  const resumesAfter = async (reason: string): Promise<boolean> => {
    const { body } = await stage.post('accounts/shop/pause', { reason });
    const answer = JSON.stringify(body);
    const curl = `case "$*" in */pause*) echo "$ANSWER" ;; */resume*) echo RESUMED ;; esac`;
    await stage.post('accounts/shop/resume', { reason: 'over' });
    return String(shell(curl, blockWith('look again'), { ANSWER: answer }).stdout).includes('RESUMED');
  };

  it('ends the pause that the runbook has set', async () => {
    expect(await resumesAfter('look again')).toBe(true);
  });

  it('leaves the pause of another person, and a pause that was refused', async () => {
    expect(await resumesAfter('release weekend')).toBe(false);
    const refused = shell(`echo '{"status":401}'; false`, blockWith('look again'));
    expect(String(refused.stdout)).toBe('');
    expect(refused.status).not.toBe(0);
  });
});

describe('a key that is tried', () => {
  it('goes to curl, and not into the list of processes; without a key nothing is sent', () => {
    const curl = `echo "ARGUMENTS $*"; cat`;
    const said = String(shell(curl, blockWith('<endpoint><call>'), { KEY: 'made-up-key' }).stdout);
    expect(said).toMatch(/^ARGUMENTS .* -K - .*\nheader = "<header>: made-up-key"\n$/);
    expect(String(shell(curl, blockWith('<endpoint><call>'), { KEY: '' }).stdout)).toBe('');
  });
});

describe('the record table is lost', () => {
  it('with a rotation under way: the account is adopted as it stands, and no key is regenerated', async () => {
    await stage.post('accounts/shop/rotate', { reason: 'to be in the middle' });
    await stage.activate();
    expect((await stage.get('accounts/shop')).body['phase']).toBe('propagating');
    const before = { regenerates: regenerates(), value: published(), keys: { ...shop.keys } };
    const connection = stage.azure.endpoints.storageConnectionString ?? '';
    const table = TableClient.fromConnectionString(connection, 'KeyRotation', { allowInsecureConnection: true });
    await table.deleteTable();

    await stage.tick();

    expect((await stage.get('accounts/shop')).body['phase']).toBe('idle');
    expect({ regenerates: regenerates(), value: published(), keys: { ...shop.keys } }).toEqual(before);
    const { entries } = (await stage.get('accounts/shop/history')).body as { entries: { kind: string }[] };
    expect(entries.map(({ kind }) => kind)).toEqual(['Adopted']);
  });
});

describe('the secret was deleted', () => {
  it('and its name is kept: the pass fails with the remedy, and goes on once it is recovered', async () => {
    const value = published();
    stage.azure.world.vault.delete('shop-key');
    stage.advance(7 * 3_600_000);
    await stage.tick();
    const failed = stage.said.filter((line) => line.includes('ObjectIsDeletedButRecoverable'));
    expect(failed.join()).toContain('recover the secret first');
    stage.azure.world.vault.recover('shop-key');
    stage.advance(7 * 3_600_000);
    await stage.tick();
    expect(published()).toBe(value);
    expect((await stage.post('accounts/shop/check', {})).status).toBe(200);
  });
});

describe('moving to keyless', () => {
  it('in mode observe nothing is written after keys are switched off', async () => {
    stage.configure('KeyRotation:Accounts:shop', { resourceId: shop.id, policy: 'shop', mode: 'observe' });
    shop.knobs.isLocalAuthDisabled = true;
    const before = stage.azure.requests.length;
    stage.advance(40 * 24 * 3_600_000);
    await stage.tick();
    const writes = stage.azure.requests
      .slice(before)
      .filter(({ operation }) => /^(set|update|regenerate)/.test(operation));
    expect(writes).toEqual([]);
  });
});
