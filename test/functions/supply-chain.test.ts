// What the lock file promises: every package pinned with integrity, no registry named, few licences, few install scripts.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deployedPackages, vulnerableIn } from '../../scripts/supply-chain.mjs';

interface Entry {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly license?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const read = (name: string) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')) as unknown;
const { packages } = read('package-lock.json') as { packages: Readonly<Record<string, Entry>> };
/** Without the root and the workspaces, which are folders of this repository. */
const entries = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && link !== true);
const manifests = [
  'package.json',
  'packages/consumer/package.json',
  'packages/operator/package.json',
  'scripts/node/package.json',
  'test/mutation/package.json',
].map((name) => read(name) as Readonly<Record<string, Readonly<Record<string, string>>>>);

/** Nothing here obliges whoever deploys the app to more than a notice. */
const LICENCES_DEPLOYED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

describe('the lock file', () => {
  it('pins every package with its integrity', () => {
    expect(entries.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path)).toEqual([]);
    expect(entries.length).toBeGreaterThan(300);
  });
  it('names no registry', () => {
    expect(entries.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
  it('lets one package run a script at install', () => {
    const scripts = entries.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path);
    expect(scripts).toEqual(['node_modules/esbuild']);
  });
});

it('deploys pinned packages under permissive licences only', async () => {
  const deployed = await deployedPackages();
  expect(deployed.map(({ name }) => name)).toContain('@azure/identity');
  expect(deployed.filter(({ version, integrity }) => version === undefined || integrity === undefined)).toEqual([]);
  expect(deployed.filter(({ license }) => !LICENCES_DEPLOYED.includes(license ?? ''))).toEqual([]);
});

it('counts vulnerabilities of what is deployed, not of the tools', () => {
  const report = JSON.stringify({ vulnerabilities: { zod: {}, azurite: {} } });
  expect(vulnerableIn(report, [{ name: 'zod' }, { name: 'croner' }])).toBe(1);
  expect(vulnerableIn('{"error":{}}', [])).toBeUndefined();
});

it('names every direct dependency by one version', () => {
  const versions = manifests.flatMap((manifest) =>
    ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) => Object.values(manifest[kind] ?? {})),
  );
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});
