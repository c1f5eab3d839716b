// Connections of Azure AI Foundry, over the wire: keys that no vault reaches, in accounts and in their projects.
import { beforeEach, describe, expect, it } from 'vitest';
import { resourceGroup, subscriptionId } from '../../local/azure/demo-accounts.ts';
import { createFoundryConnections } from '../../src/azure/holders/foundry-connections.ts';
import type { HolderAdapter } from '../../src/holders/ports.ts';
import { contents, GROUP, holder, holdersAzure, ONE, published, SUBSCRIPTION, saying, TWO } from './holders-azure.ts';

const { azure, rest, grant, asked } = holdersAzure();
const ACCOUNT = `${GROUP}/providers/Microsoft.CognitiveServices/accounts/hub`;
const PROJECT = `${ACCOUNT}/projects/chat`;
const TYPE = 'Microsoft.CognitiveServices/accounts';
const READS = [
  `${TYPE}/read`,
  `${TYPE}/connections/read`,
  `${TYPE}/projects/read`,
  `${TYPE}/projects/connections/read`,
];
const SEED = { subscriptionId, resourceGroup, location: 'westeurope', keyShape: 'hex32' } as const;
const OPENAI = { authType: 'ApiKey', category: 'AzureOpenAI', target: 'https://My-OpenAI.openai.azure.com/' } as const;
const SENT_TO = 'my-openai.openai.azure.com';

const foundry = () => azure().holders.foundry;
const adapter = (): HolderAdapter => createFoundryConnections({ rest: rest() });
const own = holder('foundryConnection', ACCOUNT, 'own');
const ofProject = holder('foundryConnection', PROJECT, 'in-project');
const read = (which = own) => adapter().read(which, 10_000);
const write = (which = own) => adapter().perform('write', which, published(TWO), 10_000);

beforeEach(() => {
  azure().world.accounts.clear();
  azure().world.addAccount({ ...SEED, name: 'hub', kind: 'AIServices' });
  azure().world.addAccount({ ...SEED, name: 'language', kind: 'TextAnalytics' });
  foundry().clear();
  foundry().addProject(ACCOUNT, 'chat');
  foundry().put(ACCOUNT, 'own', { ...OPENAI, key: ONE.value, metadata: { ApiType: 'Azure' } });
  foundry().put(PROJECT, 'in-project', { ...OPENAI, key: TWO.value });
  foundry().put(PROJECT, 'keyless', { ...OPENAI, authType: 'AAD' });
});

describe('a list', () => {
  it('has the connections with a key of Foundry accounts and of their projects, by their fingerprint', async () => {
    const found = await adapter().list([SUBSCRIPTION]);
    expect(found).toEqual({
      holders: [
        { ...own, content: { has: 'value', fingerprint: ONE.fingerprint, sentTo: SENT_TO } },
        { ...ofProject, content: { has: 'value', fingerprint: TWO.fingerprint, sentTo: SENT_TO } },
      ],
      unseen: [],
      searched: 2,
      isComplete: true,
    });
  });

  it('has a connection that an account shares with its projects once', async () => {
    foundry().put(ACCOUNT, 'own', { ...OPENAI, key: ONE.value, isSharedToAll: true });
    const { holders } = await adapter().list([GROUP]);
    expect(holders.map(({ resource, name }) => [resource, name])).toEqual([
      [ACCOUNT.toLowerCase(), 'own'],
      [PROJECT.toLowerCase(), 'in-project'],
    ]);
  });

  it('reads all pages of projects and connections', async () => {
    azure().holders.pageSize = 1;
    foundry().put(foundry().addProject(ACCOUNT, 'second'), 'more', { ...OPENAI, key: ONE.value });
    expect(Object.keys(contents(await adapter().list([GROUP])))).toEqual(['own', 'in-project', 'more']);
  });

  it('says of connections whose key is not shown that they are unseen, and whom they call', async () => {
    const unseen = (cause: unknown): object => ({ own: { has: 'unseen', sentTo: SENT_TO, cause } });
    grant(...READS);
    const refusedBy = saying(`${TYPE}/connections/listSecrets/action`);
    expect(contents(await adapter().list([GROUP]))).toMatchObject(unseen(refusedBy));
    const ofProjectBy = { 'in-project': { cause: saying(`${TYPE}/projects/connections/listSecrets/action`) } };
    expect(contents(await adapter().list([GROUP]))).toMatchObject(ofProjectBy);
    azure().access.isEnforced = false;
    foundry().secrets = 'blanked';
    expect(contents(await adapter().list([GROUP]))).toMatchObject(unseen(saying('shows no key')));
    foundry().secrets = 'unknown';
    expect(contents(await adapter().list([GROUP]))).toMatchObject(unseen(saying('404')));
  });

  it('names an account or project that refuses, and still looks at the others', async () => {
    const [readAccount = '', , ...others] = READS;
    grant(readAccount, ...others, `${TYPE}/projects/connections/listSecrets/action`);
    const found = await adapter().list([GROUP]);
    expect(found.unseen).toEqual([{ resource: ACCOUNT.toLowerCase(), cause: saying(`${TYPE}/connections/read`) }]);
    expect(found).toMatchObject({ holders: [ofProject], searched: 1, isComplete: true });
    grant(...READS.slice(0, 2));
    expect((await adapter().list([GROUP])).unseen).toEqual([
      { resource: ACCOUNT.toLowerCase(), cause: saying(`${TYPE}/projects/read`) },
    ]);
  });

  it('is thrown when the accounts cannot be listed', async () => {
    azure().faults.add({ service: 'arm', operation: 'listAccounts', fault: { kind: 'throttle' } });
    await expect(adapter().list([GROUP])).rejects.toMatchObject({
      code: 'Throttled',
      operation: 'listFoundryAccounts',
    });
  });
});

describe('a read', () => {
  it('has the key as its fingerprint', async () => {
    expect(await read(ofProject)).toEqual({ has: 'value', fingerprint: TWO.fingerprint, sentTo: SENT_TO });
  });

  it('is undefined for a connection that is gone, or that has changed to Entra ID', async () => {
    expect(await read({ ...own, name: 'nothing' })).toBeUndefined();
    foundry().put(ACCOUNT, 'own', { ...OPENAI, authType: 'AAD' });
    expect(await read()).toBeUndefined();
    azure().world.accounts.clear();
    expect(await read(ofProject)).toBeUndefined();
  });

  it('is unseen without the right to the key, and throws for a passing failure', async () => {
    azure().faults.add({ service: 'arm', operation: 'listConnectionSecrets', fault: { kind: 'throttle' } });
    await expect(read()).rejects.toMatchObject({ code: 'Throttled' });
    azure().faults.clear();
    grant(...READS);
    expect(await read()).toMatchObject({ has: 'unseen', sentTo: SENT_TO });
    grant();
    await expect(read()).rejects.toMatchObject({ code: 'Forbidden' });
  });
});

describe('a write', () => {
  it('changes the key, keeps everything else, and is read back', async () => {
    await write();
    expect(foundry().find(ACCOUNT, 'own')).toEqual({
      ...OPENAI,
      id: `${ACCOUNT}/connections/own`,
      name: 'own',
      key: TWO.value,
      metadata: { ApiType: 'Azure' },
      isSharedToAll: false,
    });
    expect(asked()).toEqual(['getConnection', 'updateConnection', 'getConnection', 'listConnectionSecrets']);
  });

  it('is refused without the right, in a project by another right', async () => {
    grant(...READS);
    await expect(write()).rejects.toMatchObject({ code: 'Forbidden', message: saying(`${TYPE}/connections/write`) });
    const message = saying(`${TYPE}/projects/connections/write`);
    await expect(write(ofProject)).rejects.toMatchObject({ code: 'Forbidden', message });
  });

  it('is not sent to a connection that is gone', async () => {
    await expect(write({ ...own, name: 'nothing' })).rejects.toMatchObject({ code: 'NotFound' });
    expect(asked()).toEqual(['getConnection']);
  });

  it('fails when another key, or none, is read back', async () => {
    const fault = { kind: 'answer', status: 200, body: {} } as const;
    azure().faults.add({ service: 'arm', operation: 'updateConnection', times: 1, fault });
    await expect(write()).rejects.toThrow('another key or none was read back');
    foundry().secrets = 'blanked';
    await expect(write()).rejects.toThrow('another key or none was read back');
  });

  it('has happened although the answer was lost, and was sent once', async () => {
    azure().faults.add({ service: 'arm', operation: 'updateConnection', fault: { kind: 'applyThenCut' } });
    await expect(write()).rejects.toMatchObject({ code: 'Unavailable' });
    expect(asked()).toEqual(['getConnection', 'updateConnection']);
    expect(await read()).toMatchObject({ has: 'value', fingerprint: TWO.fingerprint });
  });

  it('is the only effect: a connection fetches nothing and has nothing to restart', async () => {
    const refresh = adapter().perform('refresh', own, published(TWO), 10_000);
    await expect(refresh).rejects.toMatchObject({ code: 'Misconfigured' });
  });
});
