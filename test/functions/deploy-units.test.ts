import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startLocalAzure } from '../../local/azure/start-local-azure.ts';
import { Azd } from '../../local/deploy/azd.ts';
import { Deployments } from '../../local/deploy/deployments.ts';
import { readCommands } from '../../local/deploy/documentation.ts';
import type { PlannedResource } from '../../local/deploy/expand.ts';
import { Shell } from '../../local/deploy/shell.ts';

describe('documented commands', () => {
  it('of the README are those of docs/deployment.md', () => {
    const documented = Object.values(readCommands()).join('\n');
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const section = /^## Use it\n([\s\S]*?)^## /m.exec(readme)?.[1] ?? '';
    const lines = [...section.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].flatMap(([, body = '']) =>
      body
        .trim()
        .split('\n')
        .map((line) => line.trim()),
    );
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) expect(documented).toContain(line);
  });

  it('are refused when there are more or fewer than are known', () => {
    expect(() => readCommands('## From nothing\n\n```sh\nazd up\n```\n')).toThrow('has 1 blocks of commands, not 5');
  });
});

describe('the shell of an operator', () => {
  const programs = {
    az: (args: readonly string[]) => Promise.resolve(`${args.length}: ${args.join('|')}\n`),
    azd: () => Promise.reject(new Error('azd does not know this.')),
  };

  it('is one session, whose programs get the words as they were written', async () => {
    const shell = await Shell.open({ programs, environment: { GREETING: 'hello' }, folder: tmpdir() });
    try {
      await shell.run('NAME=$(az "two words" \'$GREETING\' "$GREETING" "")');
      expect(await shell.run('echo "$NAME"')).toBe('4: two words|$GREETING|hello|\n');
      expect(await shell.run('az --body @<(echo "two words") a@b')).toBe('3: --body|two words|a@b\n');
      await expect(shell.run('azd up')).rejects.toThrow('A documented command failed: azd up: azd does not know this.');
      await expect(shell.run('true\nfalse\ntrue')).rejects.toThrow(
        'A documented command failed: false: it says nothing',
      );
      expect(await shell.run('echo still there')).toBe('still there\n');
    } finally {
      await shell.close();
    }
  });

  it.each([
    ['is the first of two', 'azd auth login && true', 'azd does not know this.'],
    ['is asked for what is then evaluated', 'eval "$(azd env get-values)"', 'azd does not know this.'],
    ['lacks a quote', "az 'appconfig", 'unexpected EOF'],
    ['fails', 'NAME=secret; ls "/nowhere/$NAME"', 'failed: ls "/nowhere/$NAME": ls: '],
    ['never ends', 'sleep 600', 'A command has not ended after 0.5 s.', 500],
  ])('refuses a command that %s', async (_, command, complaint, timeoutMs?: number) => {
    const limit = timeoutMs === undefined ? {} : { timeoutMs };
    const shell = await Shell.open({ programs, environment: {}, folder: tmpdir(), ...limit });
    try {
      await expect(shell.run(command)).rejects.toThrow(complaint);
    } finally {
      await shell.close();
    }
  });

  it('takes a refusal that has no body for a failure', async () => {
    const server = createServer((_, response) => response.writeHead(401).end());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const shell = await Shell.open({ programs, environment: {}, folder: tmpdir() });
    try {
      await expect(shell.run(`curl -s ${url}`)).rejects.toThrow('The requested URL returned error: 401');
    } finally {
      await shell.close();
      server.close();
    }
  });

  it('does not lose the lines behind a command that reads', async () => {
    const shell = await Shell.open({ programs, environment: {}, folder: tmpdir() });
    try {
      expect(await shell.run('cat\necho behind')).toBe('behind\n');
    } finally {
      await shell.close();
    }
  });

  it('takes its folder and what it runs with it, when the programs here have ended', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'operator-'));
    let hasEnded = false;
    let start: () => void = () => undefined;
    const hasStarted = new Promise<void>((resolve) => {
      start = resolve;
    });
    const slow = async (): Promise<string> => {
      start();
      await sleep(50);
      hasEnded = true;
      return '';
    };
    const shell = await Shell.open({ programs: { az: slow }, environment: {}, folder });
    const told = expect(shell.run('az login')).rejects.toThrow('The shell has ended.');
    await hasStarted;
    await shell.close();
    await told;
    expect(hasEnded).toBe(true);
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

describe('a deployment', () => {
  const SITE = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/app';
  const IDENTITY = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/me';
  const site = (given: string): readonly PlannedResource[] => [
    { id: IDENTITY, type: 'Microsoft.ManagedIdentity/userAssignedIdentities', name: 'me', properties: {} },
    {
      id: SITE,
      type: 'Microsoft.Web/sites',
      name: 'app',
      properties: {},
      identity: { userAssignedIdentities: { [given]: {} } },
    },
    { id: `${SITE}/config/appsettings`, type: 'Microsoft.Web/sites/config', name: 'appsettings', properties: {} },
  ];

  /** Of a template that makes these resources. */
  async function deployed(planned: readonly PlannedResource[]) {
    const azure = await startLocalAzure({
      subscriptionId: 's',
      resourceGroup: 'g',
      accounts: [],
      hasPublicNames: true,
      withStorage: false,
    });
    try {
      const deployments = new Deployments(azure, {
        compile: () => Promise.reject(new Error('There is nothing to compile.')),
        expand: () => Promise.resolve({ deployments: [], resources: planned, outputs: {} }),
        evaluate: (_, value) => Promise.resolve(value),
      });
      const target = {
        cloud: 'AzureCloud',
        tenantId: 't',
        subscriptionId: 's',
        location: 'l',
        deploymentName: 'd',
      } as const;
      await deployments.deploy({ template: '{}', parameters: {}, target });
      return deployments.functionApp();
    } finally {
      await azure.close();
    }
  }

  it('gives the app the identity that it names, and none that is not there', async () => {
    expect(await deployed(site(IDENTITY))).toMatchObject({ hostName: 'app.azurewebsites.net', hasIdentity: true });
    expect(await deployed(site(`${IDENTITY}-of-nobody`))).toMatchObject({ hasIdentity: false });
  });

  it('is refused when a role takes back data actions that it gives, for that is not enforced', async () => {
    const role = (notDataActions: readonly string[]): PlannedResource => ({
      id: '/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/r',
      type: 'Microsoft.Authorization/roleDefinitions',
      name: 'r',
      properties: { permissions: [{ actions: [], dataActions: ['*'], notDataActions }] },
    });
    await expect(deployed([role([])])).resolves.toBeUndefined();
    await expect(deployed([role(['Microsoft.KeyVault/*'])])).rejects.toThrow('notDataActions');
  });
});

describe('azd, as far as it is played', () => {
  const template = JSON.stringify({
    parameters: {
      demoAccount: { type: 'bool' },
      receiveEvents: { type: 'bool' },
      location: { type: 'string' },
      accounts: { type: 'string' },
      logRetentionInDays: { type: 'int' },
    },
  });

  it('makes parameters of variables, and outputs variables; wires events after the app is there', async () => {
    const provisioned: Readonly<Record<string, unknown>>[] = [];
    const steps: string[] = [];
    const azd = new Azd(
      {
        variables: { AZURE_LOCATION: 'westeurope' },
        provision: (parameters) => {
          provisioned.push(parameters);
          steps.push(`provision, events ${String(parameters['receiveEvents'])}`);
          return Promise.resolve({ KEY_VAULT_URL: 'https://v.vault.azure.net/' });
        },
        runHook: (command) => {
          steps.push(command);
          return Promise.resolve();
        },
        deploy: (file) => {
          steps.push(`deploy ${file.split('/').slice(-2).join('/')}`);
          return Promise.resolve();
        },
      },
      template,
    );
    await expect(azd.run(['up'])).rejects.toThrow('azd would ask for its name');
    await azd.run(['env', 'new', 'rotation']);
    await azd.run(['env', 'set', 'DEMO_ACCOUNT', 'true']);
    await azd.run(['env', 'set', 'ACCOUNTS', '/an/account']);
    await azd.run(['env', 'set', 'LOG_RETENTION_IN_DAYS', '31']);
    await azd.run(['up']);
    expect(steps).toEqual([
      'provision, events false',
      'npm run package',
      'deploy out/app.zip',
      'node scripts/wait-for-functions.mjs',
      'provision, events true',
    ]);
    const expected = {
      environmentName: 'rotation',
      location: 'westeurope',
      demoAccount: true,
      accounts: '/an/account',
      logRetentionInDays: 31,
    };
    expect(provisioned[0]).toMatchObject({ ...expected, accountResourceGroups: '', schedule: '0 */5 * * * *' });
    await azd.run(['env', 'new', 'other']);
    await azd.run(['provision']);
    expect(provisioned.at(-1)).toMatchObject({ environmentName: 'other', demoAccount: false, accounts: '' });
    await azd.run(['env', 'new', 'rotation']);
    await azd.run(['provision']);
    expect(await azd.run(['env', 'get-values'])).toContain('KEY_VAULT_URL="https://v.vault.azure.net/"\n');
    await expect(azd.run(['env', 'set', 'DEMO_ACCOUNT'])).rejects.toThrow('azd env set takes 4 words here.');
    await expect(azd.run(['env', 'set', 'ALERT_EMIAL', 'a'])).rejects.toThrow('reads no variable ALERT_EMIAL.');
    await expect(azd.run(['auth', 'login', '--browser'])).rejects.toThrow('azd auth login takes 2 words here.');
    await expect(azd.run(['down'])).rejects.toThrow('azd down is not known here.');
  });
});
