// What docs/emergencies.md says to do about a leaked key, tried: the calls and the answer that the page shows, then the
// commands without the service in the order of the page, done to the world, and what the service makes of them.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type AccountState, PROMPT_NODE } from '../../local/azure/world/world.ts';
import { rotateBody } from '../../src/http/contract/schemas.ts';
import { fingerprintOf } from '../../src/rotation/secret.ts';
import { DAY } from './http/stage.ts';
import { adopted, anHourLater, heading, secretOf, stage, stands } from './runbook-stage.ts';

const PAGE = readFileSync(new URL('../../docs/emergencies.md', import.meta.url), 'utf8');
const RUNBOOK = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const [, BY_HAND = ''] = PAGE.split('## Without the service\n');
/** The command that publishes a key and the one that regenerates it, each with its slot, in the order of the page. */
const COMMANDS = [
  ...BY_HAND.matchAll(
    /az cognitiveservices account keys list [^`|]*--query (?<publish>key[12]) [^`]*az keyvault secret set |az cognitiveservices account keys regenerate [^`]*--key-name (?<regenerate>key[12])/g,
  ),
].map(({ groups }) => ({ publish: groups?.['publish'], regenerate: groups?.['regenerate'] }));

/** One node learns of new keys after the test, and every node of dead ones at once. */
const LAGGING = [PROMPT_NODE, { acceptsNewAfterMs: 400 * DAY, acceptsOldForMs: 0 }];

const slotNamed = (name: string): 'key1' | 'key2' => (name === 'key1' ? 'key1' : 'key2');

function run(account: AccountState, { publish, regenerate }: (typeof COMMANDS)[number]): void {
  const { world } = stage.azure;
  if (publish !== undefined)
    world.vault.set(`${account.seed.name}-key`, { value: account.keys[slotNamed(publish)].value });
  if (regenerate !== undefined) world.regenerateKey(account.id, slotNamed(regenerate));
}

/** Of the nodes, those that take the key that an application reads now. */
const nodesThatTake = (account: AccountState): readonly number[] =>
  account.knobs.nodes.flatMap((_, node) =>
    stage.azure.world.acceptsKey(account.id, secretOf(account.seed.name).value, node) ? [node] : [],
  );

const historyOf = async (name: string): Promise<readonly unknown[]> => {
  const { entries } = (await stage.get(`accounts/${name}/history`)).body as { entries: Record<string, unknown>[] };
  return entries.map(({ kind }) => kind);
};

const PAGES = [
  ['the page', PAGE],
  ['the runbook', RUNBOOK],
] as const;

/** What a shell prints for the line of a page that makes the fingerprint. */
function printed(LEAKED: string, page: string): string {
  const [command = ''] = /^ *LEAKED_ID=\$\{LEAKED.*$/m.exec(page) ?? [];
  return String(execFileSync('sh', ['-c', command], { env: { ...process.env, LEAKED, LEAKED_ID: 'of-yesterday' } }));
}

it.each(PAGES)(
  'the command of %s prints the fingerprint that the service shows, and none for an empty input',
  (_, page) => {
    expect(printed('made-up-key', page)).toBe('fingerprint: 1f0991ebdd753c9e\n');
    expect(fingerprintOf('made-up-key')).toBe('1f0991ebdd753c9e');
    expect(printed('', page)).toBe('fingerprint: \n');
  },
);

it.each(PAGES)('no call of %s is sent without the fingerprint of the leaked key', (_, page) => {
  const calls = [...page.matchAll(/^ *curl [^\n]*"\$ACCOUNT\/rotate" \\\n *-d [^\n]*\$\{LEAKED_ID[^\n]*$/gm)];
  expect(calls.length).toBeGreaterThan(1);
  for (const [call] of calls) {
    const run = (LEAKED_ID: string): string => {
      const shell = spawnSync('bash', ['-c', `curl() { echo "\${@: -1}"; }\n${call}`], {
        env: { ...process.env, LEAKED_ID },
      });
      return String(shell.stdout);
    };
    expect(run('')).toBe('');
    expect(rotateBody.parse(JSON.parse(run('1f0991ebdd753c9e')))).toMatchObject({ compromised: '1f0991ebdd753c9e' });
  }
});

it.each(PAGES)('every call of %s shows a failure and its status', (_, page) => {
  const calls = [...page.matchAll(/^ *(curl .*)$/gm)].map(([, call = '']) => call);
  expect(calls.length).toBeGreaterThan(8);
  expect(calls.filter((call) => !call.startsWith("curl -sS -w '\\n%{http_code}\\n' "))).toEqual([]);
});

/** Every request for a rotation that a page shows, as the service reads it. */
function wishesOf(page: string): readonly unknown[] {
  const bodies = [...page.matchAll(/"\$ACCOUNT\/rotate" \\\n *-d (?:'([^'\n]+)'|"([^\n]+)")$/gm)].map(
    ([, plain, quoted = '']) =>
      plain ?? quoted.replaceAll('\\"', '"').replaceAll(/\$LEAKED_ID|\$\{LEAKED_ID[^}]*\}/g, '1f0991ebdd753c9e'),
  );
  return bodies.map((body) => {
    const { compromised, accept, overlap } = rotateBody.parse(JSON.parse(body));
    return [compromised, accept, overlap];
  });
}

it('the runbook names a leaked key by its fingerprint alone, so that a leaked standby key costs no outage', () => {
  expect(wishesOf(RUNBOOK)).toEqual([
    ['1f0991ebdd753c9e', undefined, undefined],
    ['1f0991ebdd753c9e', undefined, 600_000],
    ['1f0991ebdd753c9e', 'outage', undefined],
    [undefined, undefined, undefined],
  ]);
});

it('so does the first request of the page, and the service understands each', () => {
  expect(wishesOf(PAGE)).toEqual([
    ['1f0991ebdd753c9e', undefined, undefined],
    ['published', undefined, 600_000],
    ['key1', undefined, undefined],
    ['1f0991ebdd753c9e', undefined, undefined],
    ['published', 'unverifiedKey', undefined],
    ['published', 'outage', undefined],
    ['1f0991ebdd753c9e', 'outage', undefined],
  ]);
});

it('by hand the key goes to the vault through a pipe, and without a key nothing is written', () => {
  const [, block = ''] = /^```sh\n(KEY=[^`]+)```$/m.exec(BY_HAND) ?? [];
  const az = `az() { case "$*" in *keys\\ list*) echo "$ANSWER" ;; *) echo "ARGUMENTS $*"; cat "\${@: -1}" ;; esac; }`;
  const said = (ANSWER: string): string => {
    const commands = `${az}\n${block.replaceAll(/<(\w+)>/g, '$1')}echo "left: $KEY"`;
    return String(spawnSync('bash', ['-c', commands], { env: { ...process.env, ANSWER } }).stdout);
  };
  expect(said('made-up-key')).toMatch(
    /^ARGUMENTS keyvault secret set [^\n]* --file \/dev\/stdin\nmade-up-keyleft: \n$/,
  );
  expect(said('')).toBe('left: \n');
});

heading('a leaked key', () => {
  it('is answered as the page shows it', async () => {
    const [, json = ''] = /^```json\n([^`]+)```$/m.exec(PAGE) ?? [];
    const shown = JSON.parse(json) as Record<'request' | 'status', Record<string, unknown>>;
    await adopted('orders-language');
    const asked = { reason: 'found in a public repository', compromised: 'published' };
    const { status, body } = await stage.post('accounts/orders-language/rotate', asked);
    expect(status).toBe(202);
    expect(Object.keys(body).toSorted()).toEqual(Object.keys(shown).toSorted());
    expect(Object.keys(body['request'] as object)).toEqual(Object.keys(shown.request));
    expect(body).toMatchObject({ status: shown.status, isRepeated: false });
    const { kind, state, reason, by } = shown.request;
    expect(body['request']).toMatchObject({ kind, state, reason, by });
  });
});

heading('a leaked key without the service', () => {
  it('first the other key is published, then the leaked one dies: at each moment every node takes the key that is read', async () => {
    const account = await adopted('by-hand');
    account.knobs.nodes = LAGGING;
    const leaked = account.keys.key1.value;
    expect(secretOf('by-hand').value).toBe(leaked);
    const taken = COMMANDS.map((command) => {
      run(account, command);
      return nodesThatTake(account);
    });
    expect(taken).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(Object.values(account.keys).map(({ value }) => value)).not.toContain(leaked);
  });

  it('the service follows, regenerates nothing that is in use, and proves the death of the key that is named by its fingerprint', async () => {
    const account = await adopted('followed');
    const leaked = account.keys.key1.value;
    for (const command of COMMANDS) run(account, command);
    const after = structuredClone(account.keys);
    await anHourLater();
    expect(await stands('followed')).toEqual({ reason: 'OverlapNotOver', isBlocked: false, phase: 'propagating' });
    const request = { reason: 'found in a log', compromised: fingerprintOf(leaked) };
    const { body } = await stage.post('accounts/followed/rotate', request);
    expect(body['request']).toMatchObject({ state: 'replaced', replacedAt: expect.any(String) as string });
    for (let days = 0; days < 3; days += 1) {
      stage.advance(DAY);
      await stage.tick();
    }
    await anHourLater();
    const { id } = body['request'] as { id: string };
    expect((await stage.get(`accounts/followed/requests/${id}`)).body).toMatchObject({
      state: 'closed',
      outcome: 'KeyIsDead',
      provenAt: expect.any(String) as string,
    });
    expect(account.keys).toEqual(after);
    expect(secretOf('followed').value).toBe(after.key2.value);
    expect(await historyOf('followed')).toEqual([
      'RequestClosed',
      'RotationCompleted',
      'RetireStarted',
      'KeyReplaced',
      'Requested',
      'Published',
      'Adopted',
    ]);
  });

  it('in the other order applications hold a dead key between the commands, no longer; the next pass follows to a good rest', async () => {
    const account = await adopted('other-order');
    const taken = COMMANDS.toReversed().map((command) => {
      run(account, command);
      return nodesThatTake(account);
    });
    expect(taken).toEqual([[], [0]]);
    const after = structuredClone(account.keys);
    await anHourLater();
    expect(await stands('other-order')).toEqual({ reason: 'OverlapNotOver', isBlocked: false, phase: 'propagating' });
    expect(nodesThatTake(account)).toEqual([0]);
    for (let days = 0; days < 3; days += 1) {
      stage.advance(DAY);
      await stage.tick();
      expect(nodesThatTake(account)).toEqual([0]);
    }
    await anHourLater();
    expect(await stands('other-order')).toMatchObject({ isBlocked: false, phase: 'idle' });
    expect(account.keys).toEqual(after);
    expect(secretOf('other-order').value).toBe(after.key2.value);
  });

  it('the next pass corrects the reference of applications that read through App Configuration', async () => {
    const account = await adopted('by-reference');
    for (const command of COMMANDS) run(account, command);
    const { version } = secretOf('by-reference');
    const referenced = (): string => stage.azure.world.store.get('by-reference:Key', null)?.value ?? '';
    expect(referenced()).not.toContain(version);
    await anHourLater();
    expect(referenced()).toContain(`/secrets/by-reference-key/${version}`);
  });

  it('where the key was regenerated alone, the service publishes the new one', async () => {
    const account = await adopted('regenerated');
    stage.azure.world.regenerateKey(account.id, 'key1');
    stage.advance(DAY);
    await stage.tick();
    expect(secretOf('regenerated').value).toBe(account.keys.key1.value);
    expect(await historyOf('regenerated')).toEqual(['Repaired', 'Adopted']);
  });

  it('or waits while the new key is rejected and the leaked one accepted; then the other key is published by hand', async () => {
    const account = await adopted('waiting');
    account.knobs.nodes = [{ acceptsNewAfterMs: 400 * DAY, acceptsOldForMs: 400 * DAY }];
    const other = account.keys.key2.value;
    stage.azure.world.regenerateKey(account.id, 'key1');
    stage.advance(DAY);
    await stage.tick();
    expect(await stands('waiting')).toEqual({ reason: 'RepairKeyNotAccepted', isBlocked: true, phase: 'idle' });
    stage.azure.world.vault.set('waiting-key', { value: other });
    await anHourLater();
    expect(await stands('waiting')).toEqual({ reason: 'OverlapNotOver', isBlocked: false, phase: 'propagating' });
    expect(secretOf('waiting').value).toBe(other);
    expect(account.keys.key2.value).toBe(other);
  });
});
