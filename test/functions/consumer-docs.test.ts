// The examples of docs/integrate.md and of the package's README compile, with the settings of the project, as if they
// stood in files beside them.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGE = 'ai-services-key-consumer';

/** `openai` is not installed: it is 50 MB. Its options as in `src/azure.ts` of github.com/openai/openai-node. */
const OPENAI = `${ROOT}docs/openai.d.ts`;
const OPENAI_TYPES = `export declare class AzureOpenAI {
  constructor(options: {
    endpoint?: string;
    apiVersion?: string;
    apiKey?: string;
    fetch?: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  });
}`;

/** By the names of files in the folder of `document`. */
function examplesOf(document: string): ReadonlyMap<string, string> {
  const text = readFileSync(`${ROOT}${document}`, 'utf8');
  const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
  return new Map(blocks.map((code, index) => [`${ROOT}${dirname(document)}/example-${index + 1}.ts`, code]));
}

function problemsOf(examples: ReadonlyMap<string, string>): string[] {
  const files = new Map([...examples, [OPENAI, OPENAI_TYPES]]);
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, (path) => ts.sys.readFile(path)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  // The package is installed here as a link to its folder, which has no build.
  options.paths = { [PACKAGE]: [`${ROOT}packages/consumer/src/index.ts`], openai: [OPENAI] };
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

it.each([
  ['docs/integrate.md', 6],
  ['packages/consumer/README.md', 5],
])('the examples of %s compile', (document, count) => {
  const examples = examplesOf(document);
  expect(examples.size).toBe(count);
  expect(problemsOf(examples)).toEqual([]);
});

it('an example that is wrong would be told', () => {
  const wrong = new Map([[`${ROOT}docs/wrong.ts`, `import { nothing } from '${PACKAGE}';\nnothing();\n`]]);
  expect(problemsOf(wrong)).toEqual([`docs/wrong.ts: Module '"${PACKAGE}"' has no exported member 'nothing'.`]);
});
