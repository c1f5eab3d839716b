// The consumer library as applications get it: packed, installed into an empty project, compiled, bundled, and run under
// every Node on this machine. The first example of its README runs as it is printed, against a local Azure.
// Nothing is fetched: the package has no dependency, and the Azure SDK is a link to this repository's.
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Format } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoAccounts, resourceGroup, subscriptionId } from '../../local/azure/demo-accounts.ts';
import { startLocalAzure } from '../../local/azure/start-local-azure.ts';
import { mustRun, nodesHere, run } from './run-program.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGE = join(ROOT, 'packages', 'consumer');
const NAME = 'ai-services-key-consumer';

const NODES = await nodesHere();
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const README = await readFile(join(PACKAGE, 'README.md'), 'utf8');
const FIRST_EXAMPLE = /^```ts\n(.*?)^```$/ms.exec(README)?.[1] ?? '';

/** An application without the Azure SDK: it brings a source of its own. */
const APPLICATION = `import { createKeyConsumer, SecretValue } from '${NAME}';
let version = 1;
const source = {
  read: async () => ({ key: new SecretValue('key ' + version), version: 'v' + version }),
  isMeant: () => true,
};
const consumer = createKeyConsumer({ source });
consumer
  .current()
  .then(() => {
    version = 2;
    return consumer.withKey(async (key, used) => ({ status: key.reveal() === 'key 2' ? '200' : '401', used, key }));
  })
  .then((answer) => console.log(JSON.stringify(answer)));
`;
const SAID = '{"status":"200","used":"v2","key":"[SecretValue]"}\n';

let project: string;
let packed: readonly string[];
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'consumer-package-'));
  const report = await mustRun('npm', ['pack', '--json', '--pack-destination', project], PACKAGE);
  const [pack] = JSON.parse(report) as [{ filename: string; files: { path: string }[] }];
  packed = pack.files.map(({ path }) => path);
  await writeFile(join(project, 'package.json'), '{ "type": "module", "private": true }');
  await mustRun('npm', ['install', '--offline', '--no-audit', '--no-fund', pack.filename], project);
  for (const scope of ['@azure', '@types']) {
    await symlink(join(ROOT, 'node_modules', scope), join(project, 'node_modules', scope));
  }
  await writeFile(join(project, 'application.js'), APPLICATION);
  await writeFile(join(project, 'example.js'), FIRST_EXAMPLE);
});
afterAll(() => rm(project, { recursive: true, force: true }));

describe('the package', () => {
  it('holds its build and its documents, and no source', () => {
    const others = packed.filter((path) => !/^dist\/[\w-]+(\.d\.ts|\.js)$/.test(path));
    expect(others.toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
    expect(packed).toContain('dist/index.js');
  });

  it('has no dependency', async () => {
    const lock = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8')) as { packages: object };
    expect(Object.keys(lock.packages)).toEqual(['', `node_modules/${NAME}`]);
  });

  it.each(['nodenext', 'bundler'])('compiles in a strict project with the module resolution %s', async (resolution) => {
    const module = resolution === 'bundler' ? 'esnext' : resolution;
    await writeFile(join(project, 'example.ts'), FIRST_EXAMPLE);
    // The only error is this one: the compiler did look at the types of the package.
    await writeFile(join(project, 'wrong.ts'), `import { nothing } from '${NAME}';\nnothing();\n`);
    const flags = ['--strict', '--noEmit', '--target', 'es2022', '--types', 'node'];
    const files = ['example.ts', 'wrong.ts', '--module', module, '--moduleResolution', resolution];
    const { output } = await run(process.execPath, [TSC, ...flags, ...files], project);
    expect(output).toBe(`wrong.ts(1,10): error TS2305: Module '"${NAME}"' has no exported member 'nothing'.\n`);
  });
});

describe.each(NODES)('under Node %s', (_, node) => {
  it('runs as it is installed', async () => {
    expect(await run(node, ['application.js'], project)).toEqual({ code: 0, output: SAID, errors: '' });
  });

  it.each<Format>(['esm', 'cjs'])('runs in a bundle of esbuild: %s', async (format) => {
    const outfile = join(project, `bundle.${format === 'esm' ? 'mjs' : 'cjs'}`);
    const entryPoints = [join(project, 'application.js')];
    await build({ entryPoints, outfile, format, bundle: true, platform: 'node', logLevel: 'error' });
    expect(await run(node, [outfile], project)).toEqual({ code: 0, output: SAID, errors: '' });
  });

  it('runs the first example of the README as printed', async () => {
    const accounts = demoAccounts(1);
    const azure = await startLocalAzure({ subscriptionId, resourceGroup, accounts, withStorage: false });
    try {
      const [account] = azure.world.accounts.values();
      azure.world.vault.set('my-language-key', { value: account?.keys.key1.value ?? '' });
      const { code, output, errors } = await run(node, ['example.js'], project, {
        ...azure.environment(),
        KEY_VAULT_URL: azure.endpoints.keyVault,
        SECRET_NAME: 'my-language-key',
        ENDPOINT: azure.dataPlaneEndpoint(account?.seed.name ?? ''),
      });
      expect([code, errors]).toEqual([0, '']);
      expect(output).toMatch(/^200 .*"name":"French"/);
    } finally {
      await azure.close();
    }
  });
});
