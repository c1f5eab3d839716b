// What the runbook says to do for accounts that are blocked at rest, tried: from the block to an account that is not blocked,
// by nothing else. Each test has an account of its own.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { TableClient } from '@azure/data-tables';
import { describe, expect, it } from 'vitest';
import { type AccountState, PROMPT_NODE } from '../../local/azure/world/world.ts';
import { DAY } from './http/stage.ts';
import { adopted, anHourLater, heading, rotated, secretOf, stage, stands } from './runbook-stage.ts';

const RUNBOOK = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
/** The command that writes a key into the secret, with the slot as the operator fills it in. */
const [, WRITE_KEY = ''] = /^```sh\n(SLOT="<key1 or key2>"\n[^`]+)```$/m.exec(RUNBOOK) ?? [];

/** Runs that command; what it prints. `az` stands for the CLI and knows the keys that it is given. */
function run(slot: string, keys: Readonly<Record<string, string>>): readonly string[] {
  const az = `az() {
    case "$1 $2 $3" in
      'cognitiveservices account keys')
        case "\${*}" in *'--query key1 '*) echo "$key1" ;; *'--query key2 '*) echo "$key2" ;; *) echo "$key1 $key2" ;; esac ;;
      'keyvault secret set') printf 'ARGUMENTS %s\\nSET %s\\n' "$*" "$(cat "\${@: -1}")" ;;
    esac
  }`;
  const command = WRITE_KEY.replace('<key1 or key2>', slot);
  const out = execFileSync('bash', ['-c', `${az}\n${command}\ntrue`], {
    env: { ...process.env, ...keys },
    stdio: 'pipe',
  });
  return String(out).split('\n');
}

/** Each value that the command would set. */
const written = (slot: string, keys: Readonly<Record<string, string>>): readonly string[] =>
  run(slot, keys).flatMap((line) => (line.startsWith('SET ') ? [line.slice(4)] : []));

describe('the command that writes a key into the secret', () => {
  const keys = { key1: 'value-of-key1', key2: 'value-of-key2' };

  it.each(['key1', 'key2'])('writes the key of the slot that the operator names: %s', (slot) => {
    expect(written(slot, keys)).toEqual([`value-of-${slot}`]);
  });

  it.each(['<key1 or key2>', '', 'published'])('writes nothing while the slot is "%s"', (slot) => {
    expect(written(slot, keys)).toEqual([]);
  });

  it('does not show the key in the list of processes', () => {
    const argumentsOf = run('key1', keys).filter((line) => line.startsWith('ARGUMENTS '));
    expect(argumentsOf).toEqual([expect.stringContaining('--file /dev/stdin') as string]);
    expect(argumentsOf.join()).not.toContain('value-of-key1');
  });

  it('writes nothing if the keys cannot be listed', () => {
    expect(written('key1', { key1: '', key2: '' })).toEqual([]);
  });
});

const NOBODY_KNOWS = 'a value that is no key of the account';

const tableOf = () =>
  TableClient.fromConnectionString(stage.azure.endpoints.storageConnectionString ?? '', 'KeyRotation', {
    allowInsecureConnection: true,
  });

heading('RecordUnreadable', () => {
  it('is told like any other block; the row, found by the account, is removed, and the account adopted as it stands', async () => {
    const account = await adopted('damaged');
    await stage.post('accounts/damaged/pause', { reason: 'release weekend' });
    const table = tableOf();
    const [, filter = ''] = /--filter "(PartitionKey eq 'rotation' and RowKey ge 'a\|'[^"]+)"/.exec(RUNBOOK) ?? [];
    expect(filter).toContain('<resourceId>');
    const rows = table.listEntities({
      queryOptions: { filter: filter.replace('<resourceId>', account.id.toLowerCase()) },
    });
    const keys: string[] = [];
    for await (const { rowKey = '' } of rows) keys.push(rowKey);
    const [row = '', ...others] = keys;
    expect(row).toMatch(/^a\|[0-9a-f]{32}\|0$/);
    expect(others).toEqual([expect.stringMatching(/\|pause$/)]);
    await table.updateEntity({ partitionKey: 'rotation', rowKey: row, record: '{"phase":"idl' }, 'Merge');
    stage.advance(DAY);
    await stage.tick();
    expect(await stands('damaged')).toEqual({ reason: 'RecordUnreadable', isBlocked: true, phase: 'unreadable' });
    expect((await stage.get('health')).body['blocked']).toMatchObject({
      count: 1,
      accounts: [{ account: 'damaged', reason: 'RecordUnreadable' }],
    });
    expect((await stage.get('accounts?blocked=true')).body['total']).toBe(1);
    const before = structuredClone(account.keys);

    await table.deleteEntity('rotation', row);
    await stage.tick();

    expect(await stands('damaged')).toMatchObject({ isBlocked: false, phase: 'idle' });
    expect(account.keys).toEqual(before);
    // Other rows of the account stay: its pause, its history, its requests.
    expect((await stage.get('accounts/damaged')).body['pause']).toMatchObject({ reason: 'release weekend' });
    const { entries } = (await stage.get('accounts/damaged/history')).body as { entries: { kind: string }[] };
    expect(entries.map(({ kind }) => kind)).toEqual(['Adopted', 'Paused', 'Adopted']);
    await stage.post('accounts/damaged/resume', { reason: 'released' });
    stage.advance(3 * DAY);
    await rotated('damaged');
  });
});

heading('SecretNotRecognised', () => {
  it('the key of publishedSlot is put into the secret by hand: applications go on with the key that they had', async () => {
    const account = await adopted('foreign');
    await rotated('foreign');
    const { value } = secretOf('foreign');
    stage.azure.world.vault.set('foreign-key', { value: NOBODY_KNOWS });
    stage.advance(DAY);
    await stage.tick();
    expect(await stands('foreign')).toEqual({ reason: 'SecretNotRecognised', isBlocked: true, phase: 'idle' });
    const { publishedSlot } = (await stage.get('accounts/foreign')).body;
    expect(publishedSlot).toBe('key2');
    const keys = { key1: account.keys.key1.value, key2: account.keys.key2.value };
    expect(written(String(publishedSlot), keys)).toEqual([value]);
    stage.azure.world.vault.set('foreign-key', { value });
    await anHourLater();
    expect(await stands('foreign')).toMatchObject({ isBlocked: false, phase: 'idle' });
    await rotated('foreign');
  });

  it('or the account gets another secret', async () => {
    const account = await adopted('foreign-too');
    stage.azure.world.vault.set('foreign-too-key', { value: NOBODY_KNOWS });
    stage.advance(DAY);
    await stage.tick();
    expect(await stands('foreign-too')).toMatchObject({ reason: 'SecretNotRecognised', isBlocked: true });
    const document = { resourceId: account.id, policy: 'foreign-too', secretName: 'foreign-too-mine' };
    stage.configure('KeyRotation:Accounts:foreign-too', document);
    await anHourLater();
    expect(await stands('foreign-too')).toMatchObject({ isBlocked: false, phase: 'idle' });
    expect(stage.azure.world.vault.get('foreign-too-mine').value).toBe(account.keys.key1.value);
    expect(secretOf('foreign-too').value).toBe(NOBODY_KNOWS);
  });
});

heading('OtherInstallation', () => {
  const OTHER = 'contosostorage/KeyRotation';
  const OWN = 'localkeyrotation/KeyRotation';
  async function overtaken(name: string): Promise<AccountState> {
    const account = await adopted(name);
    const { tags } = secretOf(name);
    const published = { value: account.keys.key2.value, tags: { ...tags, CredentialId: 'key2', RotatedBy: OTHER } };
    stage.azure.world.vault.set(`${name}-key`, published);
    stage.advance(DAY);
    await stage.tick();
    return account;
  }

  it('nothing is written or regenerated, and both are named; once the other is gone, its secrets are taken over', async () => {
    const account = await overtaken('twofold');
    const before = structuredClone(account.keys);
    const { body } = await stage.get('accounts/twofold');
    expect(body).toMatchObject({ reason: 'OtherInstallation', isBlocked: true, phase: 'idle' });
    expect(body['detail']).toBe(`the newest version was published by ${OTHER}; this is ${OWN}`);
    const checked = (await stage.post('accounts/twofold/check', {})).body;
    expect(JSON.stringify(checked)).toContain(`published by another installation of this service: ${OTHER}`);
    expect(account.keys).toEqual(before);
    expect(secretOf('twofold').tags['RotatedBy']).toBe(OTHER);

    stage.restart({ FORMER_INSTALLATION: OTHER });
    await anHourLater();
    expect(await stands('twofold')).toMatchObject({ isBlocked: false });
    expect(secretOf('twofold').tags['RotatedBy']).toBe(OTHER);
    for (let days = 0; days < 5; days += 1) {
      stage.advance(DAY);
      await stage.tick();
    }
    await rotated('twofold');
    expect(secretOf('twofold').tags['RotatedBy']).toBe(OWN);
  });
});

heading('SecretDisabled', () => {
  it('the newest version is enabled', async () => {
    await adopted('disabled');
    stage.azure.world.vault.update('disabled-key', undefined, { isEnabled: false });
    stage.advance(DAY);
    await stage.tick();
    expect(await stands('disabled')).toEqual({ reason: 'SecretDisabled', isBlocked: true, phase: 'idle' });
    stage.azure.world.vault.update('disabled-key', undefined, { isEnabled: true });
    await anHourLater();
    expect(await stands('disabled')).toMatchObject({ isBlocked: false, phase: 'idle' });
    await rotated('disabled');
  });
});

heading('KeysIdentical', () => {
  it.each(['key1', 'key2'] as const)(
    '%s is regenerated by hand, and applications go on with the other',
    async (slot) => {
      const name = `identical-${slot}`;
      const account = await adopted(name);
      account.keys.key2 = { ...account.keys.key1 };
      const value = secretOf(name).value;
      stage.advance(DAY);
      await stage.tick();
      expect(await stands(name)).toEqual({ reason: 'KeysIdentical', isBlocked: true, phase: 'idle' });
      stage.azure.world.regenerateKey(account.id, slot);
      await anHourLater();
      expect(await stands(name)).toMatchObject({ isBlocked: false, phase: 'idle' });
      expect(secretOf(name).value).toBe(value);
      expect(stage.azure.world.acceptsKey(account.id, value)).toBe(true);
      await rotated(name);
    },
  );
});

heading('AdoptionKeyNotAccepted', () => {
  it('the network rules are corrected', async () => {
    const account = stage.addAccount('unreachable');
    account.knobs.isDeniedByFirewall = true;
    await stage.tick();
    expect(await stands('unreachable')).toEqual({
      reason: 'AdoptionKeyNotAccepted',
      isBlocked: true,
      phase: 'notAdopted',
    });
    account.knobs.isDeniedByFirewall = false;
    await anHourLater();
    expect(await stands('unreachable')).toMatchObject({ isBlocked: false, phase: 'idle' });
  });
});

heading('RepairKeyNotAccepted', () => {
  it('is over when the key that was regenerated by hand is active', async () => {
    const account = await adopted('inactive');
    account.knobs.nodes = [{ acceptsNewAfterMs: 2 * DAY, acceptsOldForMs: 60 * DAY }];
    stage.azure.world.regenerateKey(account.id, 'key1');
    stage.advance(DAY);
    await stage.tick();
    expect(await stands('inactive')).toEqual({ reason: 'RepairKeyNotAccepted', isBlocked: true, phase: 'idle' });
    account.knobs.nodes = [PROMPT_NODE];
    await anHourLater();
    expect(await stands('inactive')).toMatchObject({ isBlocked: false, phase: 'idle' });
    expect(secretOf('inactive').value).toBe(account.keys.key1.value);
  });
});
