// The operators' command as people get it: packed, installed into an empty project, and run as a process under every Node
// on this machine, against the running host with the built app. Nothing is fetched: the package has no dependency.
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import { freePort } from '../../local/azure/ports.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { type Stage, setStage } from '../../local/start/stage.ts';
import { eventually, HostClient } from './http-client.ts';
import { mustRun, nodesHere, type Run, run } from './run-program.ts';

const PACKAGE = fileURLToPath(new URL('../../packages/operator', import.meta.url));
const NAME = 'ai-services-key-operator';
const ACCOUNT = 'demo-language-1';
/** Nothing is due by itself; overlaps are short. */
const POLICY = {
  ...DEMO_POLICY,
  rotationInterval: 'P1D',
  overlapMinimum: 'PT2S',
  overlapMaximum: 'PT3S',
  spread: 'PT0S',
};

const NODES = await nodesHere();
/** Everything that the command has printed. */
const said: string[] = [];
async function keeping(running: Promise<Run>): Promise<Run> {
  const ended = await running;
  said.push(ended.output, ended.errors);
  return ended;
}

let project: string;
let packed: readonly string[];
let stage: Stage;
let url: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'operator-package-'));
  const report = await mustRun('npm', ['pack', '--json', '--pack-destination', project], PACKAGE);
  const [pack] = JSON.parse(report.slice(report.indexOf('['))) as [{ filename: string; files: { path: string }[] }];
  packed = pack.files.map(({ path }) => path);
  await writeFile(join(project, 'package.json'), '{ "private": true }');
  await mustRun('npm', ['install', '--offline', '--no-audit', '--no-fund', pack.filename], project);
  stage = await setStage({ accounts: demoAccounts(2), policy: POLICY, latencyMs: 0, onLine: () => undefined });
  const port = await freePort();
  await stage.startHost(port);
  url = `http://127.0.0.1:${port}`;
  const client = new HostClient(port);
  for (const name of [ACCOUNT, 'demo-openai-2']) {
    await eventually(
      () => client.get(`/api/accounts/${name}`),
      ({ body }) => body['phase'] === 'idle',
    );
  }
  // The time after an adoption in which nothing is regenerated.
  await new Promise((resolve) => setTimeout(resolve, 3_500));
});
afterAll(async () => {
  await stage.close();
  await rm(project, { recursive: true, force: true });
});

/** Runs the command as an installed program. */
const operator = (...args: readonly string[]): Promise<Run> =>
  keeping(run('npx', ['--offline', '--no-install', NAME, ...args], project, { KEY_ROTATION_URL: url }));

const keysOf = () =>
  [...stage.azure.world.accounts.values()].map(({ keys }) => [keys.key1.value, keys.key2.value] as const);

describe('the package', () => {
  it('is one file with its documents, and has no dependency', async () => {
    expect(packed.toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', `dist/${NAME}.mjs`, 'package.json']);
    const lock = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8')) as { packages: object };
    expect(Object.keys(lock.packages)).toEqual(['', `node_modules/${NAME}`]);
  });

  it.each(NODES)('runs under Node %s', async (_, node) => {
    const { code, output } = await run(node, [join('node_modules', NAME, 'dist', `${NAME}.mjs`), '--help'], project);
    expect(code).toBe(0);
    expect(output).toContain(`Usage: ${NAME} COMMAND [flags]`);
  });
});

describe('against the service', () => {
  it('shows the fleet and one account', async () => {
    const fleet = await operator('status');
    expect(fleet).toMatchObject({ code: 0, errors: '' });
    expect(fleet.output).toMatch(/^demo-language-1 +idle +ok +key1 /m);
    const one = await operator('status', ACCOUNT, '--json');
    expect(JSON.parse(one.output)).toMatchObject({ account: ACCOUNT, phase: 'idle' });
  });

  it('checks an account, and ends with 1 if it cannot be reached', async () => {
    expect(await operator('check', ACCOUNT)).toMatchObject({ code: 0 });
    const [account] = stage.azure.world.accounts.values();
    if (account === undefined) throw new Error('There is no account.');
    account.knobs.isDeniedByFirewall = true;
    const denied = await operator('check', ACCOUNT);
    account.knobs.isDeniedByFirewall = false;
    expect(denied.code).toBe(1);
    expect(denied.output).toContain('NOT HEALTHY');
  });

  it('pauses and resumes', async () => {
    expect((await operator('pause', ACCOUNT, '--reason', 'release')).output).toMatch(/^paused +by .*: release$/m);
    expect((await operator('resume', ACCOUNT, '--reason', 'released')).code).toBe(0);
  });

  it('shows a dry run, rotates, and follows the request to its end', async () => {
    const before = keysOf()[0];
    const rehearsed = await operator('rotate', ACCOUNT, '--reason', 'audit', '--dry-run');
    expect(rehearsed).toMatchObject({ code: 0 });
    expect(keysOf()[0]).toEqual(before);
    const rotated = await operator('rotate', ACCOUNT, '--reason', 'audit', '--wait', '60');
    expect(rotated.code).toBe(0);
    expect(rotated.output).toMatch(/^outcome +RotationStarted$/m);
    expect((await operator('requests', ACCOUNT)).output).toContain('RotationStarted');
  });

  it('replaces a leaked key, and prints when it was replaced and when its death was proven', async () => {
    const [, before] = keysOf();
    const unasked = await operator('compromised', 'demo-openai-2', '--key', 'published', '--reason', 'leaked');
    expect(unasked).toMatchObject({ code: 2 });
    expect(unasked.errors).toContain('Add --yes.');
    expect(keysOf()[1]).toEqual(before);
    const ended = await operator('compromised', 'demo-openai-2', '--key', 'published', '--reason', 'leaked', '--yes');
    expect(ended.code).toBe(0);
    expect(ended.output).toMatch(/^outcome +KeyIsDead$/m);
    expect(ended.output).toMatch(/^replacedAt +\d{4}-.*\nprovenAt +\d{4}-/m);
    expect(keysOf()[1]?.[0]).not.toBe(before?.[0]);
  });

  it('validates a list of accounts, and writes documents that the service takes', async () => {
    const id = (name: string) => `${[...stage.azure.world.accounts.keys()][0]?.replace(/[^/]+$/, '') ?? ''}${name}`;
    await writeFile(join(project, 'bad.csv'), `id,alias,policy\n${id('extra')},extra,none\n`);
    const bad = await operator('import', 'bad.csv', '--out', 'bad.json');
    expect(bad.code).toBe(1);
    expect(bad.output).toMatch(/^line 2 +extra +policy +The name of an existing policy/m);
    await writeFile(join(project, 'good.csv'), `id,alias\n${id('extra')},extra\n`);
    expect(await operator('import', 'good.csv', '--out', 'good.json')).toMatchObject({ code: 0 });
    const { items } = JSON.parse(await readFile(join(project, 'good.json'), 'utf8')) as {
      readonly items: readonly { key: string; value: string; label: null; content_type: string }[];
    };
    for (const { key, value, label, content_type: contentType } of items) {
      stage.azure.world.store.set(key, label, { value, contentType });
    }
    const listed = await eventually(
      () => operator('status', '--search', 'extra', '--json'),
      ({ output }) => output.includes('"account": "extra"'),
    );
    expect(JSON.parse(listed.output)).toMatchObject({ total: 1, problems: [] });
  });

  it('approves many, of which none waits here', async () => {
    expect(await operator('approve', '--all', '--reason', 'ours', '--dry-run')).toMatchObject({ code: 0 });
  });

  it('watches until the time is over', async () => {
    const watched = await operator('watch', '--every', '2', '--for', '1');
    expect(watched.output.trimEnd().split('\n').length).toBeGreaterThanOrEqual(2);
  });

  it('ends with 2 for an account that is not there, and with 3 for a service that is not there', async () => {
    const unknown = await operator('status', 'nobody');
    expect(unknown).toMatchObject({ code: 2, output: '' });
    expect(unknown.errors).toContain('What to do: ');
    const port = await freePort();
    expect(await operator('status', '--url', `http://127.0.0.1:${port}`)).toMatchObject({ code: 3, output: '' });
  });
});

it('asks az for a token, as a process without a shell, and prints no token', async () => {
  const token = 'eyJ0.made-up.token';
  const az = join(project, 'az');
  await writeFile(az, `#!/bin/sh\necho "$@" >> '${join(project, 'az.txt')}'\necho ${token}\n`);
  await chmod(az, 0o755);
  const given: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    given.push(request.headers.authorization);
    response.writeHead(400, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ title: 'No.', detail: request.headers.authorization, remedy: 'None.' }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const path = [project, process.env['PATH']].join(delimiter);
    const bin = join('node_modules', NAME, 'dist', `${NAME}.mjs`);
    const args = [bin, 'status', ACCOUNT, '--url', own, '--resource', 'api://app'];
    const { code, errors } = await keeping(run(process.execPath, args, project, { PATH: path }));
    expect({ code, given }).toEqual({ code: 2, given: [`Bearer ${token}`] });
    expect(errors).toContain('[hidden]');
    expect(await readFile(join(project, 'az.txt'), 'utf8')).toBe(
      'account get-access-token --resource api://app --query accessToken --output tsv\n',
    );
    expect(said.join('')).not.toContain(token);
  } finally {
    server.close();
  }
});

it('never prints a key', () => {
  const { vault, accounts } = stage.azure.world;
  const live = [...accounts.values()].flatMap(({ keys: { key1, key2 } }) => [key1.value, key2.value]);
  const published = [...vault.secrets.values()].flatMap(({ versions }) => versions.map(({ value }) => value));
  const everything = said.join('\n');
  expect(everything.length).toBeGreaterThan(2_000);
  for (const key of new Set([...live, ...published])) expect(everything).not.toContain(key);
});
