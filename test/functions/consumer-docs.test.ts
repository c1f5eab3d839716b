// The examples of docs/integrate.md compile, with the settings of the project, as if they stood in files beside it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGE = 'ai-services-key-consumer';
const GUIDE = readFileSync(new URL('../../docs/integrate.md', import.meta.url), 'utf8');

function examplesOf(text: string): ReadonlyMap<string, string> {
  const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
  return new Map(blocks.map((code, index) => [`${ROOT}docs/example-${index + 1}.ts`, code]));
}

function problemsOf(files: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, (path) => ts.sys.readFile(path)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  // The package is installed here as a link to its folder, which has no build.
  options.paths = { [PACKAGE]: [`${ROOT}packages/consumer/src/index.ts`] };
  const host = ts.createCompilerHost(options);
  const fromDisk = host.getSourceFile.bind(host);
  host.fileExists = (path) => files.has(path) || ts.sys.fileExists(path);
  host.readFile = (path) => files.get(path) ?? ts.sys.readFile(path);
  host.getSourceFile = (path, languageVersion, ...rest) => {
    const code = files.get(path);
    if (code === undefined) return fromDisk(path, languageVersion, ...rest);
    return ts.createSourceFile(path, code, languageVersion);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, ' ');
    return `${file?.fileName.replace(ROOT, '') ?? ''}: ${text}`;
  });
}

it('the examples of the guide compile', () => {
  const examples = examplesOf(GUIDE);
  expect(examples.size).toBe(7);
  expect(problemsOf(examples)).toEqual([]);
});

it('an example that is wrong would be told', () => {
  const wrong = new Map([[`${ROOT}docs/wrong.ts`, `import { nothing } from '${PACKAGE}';\nnothing();\n`]]);
  expect(problemsOf(wrong)).toEqual([`docs/wrong.ts: Module '"${PACKAGE}"' has no exported member 'nothing'.`]);
});
