// `npm run supply-chain`: what is deployed and under which licences, as an SBOM (CycloneDX) in out/sbom.json. The bundler
// tells which packages are in the bundle, the lock file their versions and hashes. `npm audit` is asked too, of the
// deployed packages alone; where the registry has no answer, that is said.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readCommand } from '../local/command-line.ts';
import { buildApp } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

/** The packages of which code is in the bundle, by their place in node_modules. */
export async function deployedPackages() {
  const { outputs } = await buildApp();
  const places = new Set();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const place = PACKAGE.exec(path)?.[0];
      if (place !== undefined && bytesInOutput > 0) places.add(place);
    }
  }
  return [...places].sort().map((place) => {
    const { version, license, integrity } = packages[place] ?? {};
    return { name: place.slice(place.lastIndexOf('node_modules/') + 13), version, license, integrity };
  });
}

/** The contents of the bundle as CycloneDX. Without time or serial number: the same tree makes the same document. */
export function sbomOf(deployed) {
  const { name, version, license } = packages[''];
  const component = { type: 'application', name, version, licenses: [{ license: { id: license } }] };
  const head = { bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, metadata: { component } };
  return `${JSON.stringify({ ...head, components: deployed.map(componentOf) }, null, 2)}\n`;
}

function componentOf({ name, version, license, integrity }) {
  const [algorithm = '', digest = ''] = (integrity ?? '').split('-');
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    licenses: [{ license: { id: license } }],
    hashes: [{ alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') }],
  };
}

/** How many of the deployed packages npm knows a vulnerability of; undefined without an answer. */
export function vulnerableIn(report, deployed) {
  if (!report.includes('"vulnerabilities"')) return undefined;
  const { vulnerabilities } = JSON.parse(report);
  return deployed.filter(({ name }) => name in vulnerabilities).length;
}

function audit(deployed) {
  const { stdout } = spawnSync('npm', ['audit', '--json'], { cwd: root, encoding: 'utf8' });
  return vulnerableIn(stdout, deployed);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  readCommand({
    name: 'npm run supply-chain',
    does: 'lists the packages that are deployed, their licences and known vulnerabilities, and writes out/sbom.json. Exit code 1: a vulnerability.',
    flags: {},
    examples: ['npm run supply-chain'],
  });
  const deployed = await deployedPackages();
  mkdirSync(join(root, 'out'), { recursive: true });
  writeFileSync(join(root, 'out', 'sbom.json'), sbomOf(deployed));
  const licences = Map.groupBy(deployed, ({ license }) => license ?? 'unknown');
  for (const [name, of] of licences) process.stdout.write(`${name}: ${of.map((entry) => entry.name).join(', ')}\n`);
  process.stdout.write(`out/sbom.json: ${deployed.length} components\n`);
  const found = audit(deployed);
  process.stdout.write(
    found === undefined
      ? 'audit: the registry has no answer here\n'
      : `audit: ${found} deployed packages with a known vulnerability\n`,
  );
  if (found > 0) process.exit(1);
}
