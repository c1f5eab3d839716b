// `npm run bicep`: compiles and lints every Bicep file with the real compiler; a warning is a failure. Where there
// is no compiler it says that it skipped.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCommand } from '../local/command-line.ts';
import { findCompiler } from './bicep-compiler.mjs';

readCommand({
  name: 'npm run bicep',
  does: 'compiles every Bicep file. Exit code 1: a warning or an error.',
  flags: {},
  examples: ['npm run bicep'],
});

const root = fileURLToPath(new URL('..', import.meta.url));

const compiler = (() => {
  try {
    return findCompiler();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
})();
if (compiler === undefined) {
  process.stdout.write(
    'bicep: skipped, there is neither bicep, nor that of the Azure CLI (az bicep install), nor dotnet here\n',
  );
  process.exit(0);
}
const infra = join(root, 'infra');
const files = readdirSync(infra, { recursive: true })
  .filter((name) => name.endsWith('.bicep'))
  .map((name) => join(infra, name))
  .sort();
let complaints = 0;
for (const file of files) {
  const { status, stderr } = spawnSync(compiler, ['build', '--stdout', file], {
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
