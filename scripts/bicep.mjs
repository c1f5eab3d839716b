// `npm run bicep`: compiles and lints every Bicep file with the real compiler; a warning is a failure. Uses `bicep` or
// `az bicep` where those are, else the compiler's NuGet package where `dotnet` is, and otherwise says that it skipped.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const PACKAGE = 'Azure.Bicep.CommandLine.linux-x64';
const VERSION = '0.49.2';
const cache = join(root, '.local', 'bicep');

function works(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** A project that only downloads the package; its compiler lies in the package's folder. */
function fromNuGet() {
  if (process.platform !== 'linux' || process.arch !== 'x64' || !works('dotnet', ['--version'])) return undefined;
  const binary = join(cache, 'packages', PACKAGE.toLowerCase(), VERSION, 'tools', 'bicep');
  if (existsSync(binary)) return binary;
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
  });
  if (existsSync(binary)) return binary;
  process.stderr.write(
    `The compiler could not be fetched: ${(restored.stdout ?? '').split('\n').find((line) => line.includes('error')) ?? 'no reason given'}\n`,
  );
  process.exit(1);
}

function findCompiler() {
  if (works('bicep', ['--version'])) return ['bicep', []];
  if (works('az', ['bicep', 'version'])) return ['az', ['bicep']];
  const binary = fromNuGet();
  return binary === undefined ? undefined : [binary, []];
}

const compiler = findCompiler();
if (compiler === undefined) {
  process.stdout.write('bicep: skipped, there is neither bicep nor az nor dotnet here\n');
  process.exit(0);
}
const [command, prefix] = compiler;
const infra = join(root, 'infra');
const files = readdirSync(infra, { recursive: true })
  .filter((name) => name.endsWith('.bicep'))
  .map((name) => join(infra, name))
  .sort();
let complaints = 0;
for (const file of files) {
  const fileArguments = command === 'az' ? ['build', '--stdout', '--file', file] : ['build', '--stdout', file];
  const { status, stderr } = spawnSync(command, [...prefix, ...fileArguments], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const lines = stderr.split('\n').filter((line) => / : (Warning|Error) /.test(line));
  for (const line of lines) process.stderr.write(`${line.replace(`${root}/`, '')}\n`);
  if (status !== 0 && lines.length === 0) process.stderr.write(`${relative(root, file)}: ${stderr.trim()}\n`);
  if (status !== 0 || lines.length > 0) complaints++;
}
process.stdout.write(`bicep: ${files.length} files, ${complaints} with complaints\n`);
process.exit(complaints === 0 ? 0 : 1);
