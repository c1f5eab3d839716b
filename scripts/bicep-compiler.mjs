// Finds the real Bicep compiler: `bicep` on the path or that of the Azure CLI, else its NuGet package where `dotnet` is.
// It must not compile anything.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = 'Azure.Bicep.CommandLine.linux-x64';
const VERSION = '0.49.2';
const ANSWER_TIMEOUT_MS = 60_000;
const FETCH_TIMEOUT_MS = 300_000;
const cache = fileURLToPath(new URL('../.local/bicep', import.meta.url));

/** @param {string} command @param {readonly string[]} args */
function works(command, args) {
  return spawnSync(command, args, { stdio: 'ignore', timeout: ANSWER_TIMEOUT_MS }).status === 0;
}

/** A project that only downloads the package; its compiler lies in the package's folder. Throws when it does not come. */
function fromNuGet() {
  if (process.platform !== 'linux' || process.arch !== 'x64' || !works('dotnet', ['--version'])) return undefined;
  const folder = join(cache, 'packages', PACKAGE.toLowerCase(), VERSION);
  const binary = join(folder, 'tools', 'bicep');
  // Written last: another process may be fetching it at the same time.
  const isThere = () => existsSync(join(folder, '.nupkg.metadata'));
  if (isThere()) return binary;
  mkdirSync(cache, { recursive: true });
  const project = join(cache, 'bicep.csproj');
  writeFileSync(
    project,
    `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>netstandard2.0</TargetFramework>` +
      `<DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences></PropertyGroup>` +
      `<ItemGroup><PackageDownload Include="${PACKAGE}" Version="[${VERSION}]" /></ItemGroup></Project>\n`,
  );
  const restored = spawnSync('dotnet', ['restore', project, '--packages', join(cache, 'packages')], {
    encoding: 'utf8',
    timeout: FETCH_TIMEOUT_MS,
  });
  if (isThere()) return binary;
  const reason = (restored.stdout ?? '').split('\n').find((line) => line.includes('error')) ?? 'no reason given';
  throw new Error(`The Bicep compiler could not be fetched: ${reason.trim()}`);
}

/** Where `az bicep install` puts it. */
const ofAzureCli = join(process.env['AZURE_CONFIG_DIR'] ?? join(homedir(), '.azure'), 'bin', 'bicep');

/**
 * The compiler's command, or undefined where there is none. Throws when it could be had from NuGet and did not come.
 * `verb`: it must know this one, as older ones do not know `snapshot`.
 * @param {string} verb
 * @returns {string | undefined}
 */
export function findCompiler(verb = 'build') {
  return ['bicep', ofAzureCli].find((command) => works(command, [verb, '--help'])) ?? fromNuGet();
}
