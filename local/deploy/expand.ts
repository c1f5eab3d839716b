// Expands a template as Azure Resource Manager would, with the engine in the Bicep compiler: every module, loop,
// condition and expression. Only values that a running Azure alone knows stay open. It must not deploy anything.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { findCompiler } from '../../scripts/bicep-compiler.mjs';

const plannedResource = z.object({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  kind: z.string().optional(),
  location: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
  identity: z.object({ userAssignedIdentities: z.record(z.string(), z.unknown()).default({}) }).optional(),
});

/** A resource that a deployment makes. Its texts may be expressions in brackets. */
export type PlannedResource = z.infer<typeof plannedResource>;

const snapshot = z.object({
  predictedResources: z.array(plannedResource),
  outputs: z.record(z.string(), z.unknown()).default({}),
  /** For instance a module that could not be expanded; its resources are then missing. */
  diagnostics: z.array(z.string()).default([]),
});

export interface ExpandedTemplate {
  readonly resources: readonly PlannedResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The values of `environment()` in each cloud, as far as templates here need them. */
const ENVIRONMENTS = {
  AzureCloud: {
    'suffixes.storage': 'core.windows.net',
    'authentication.loginEndpoint': 'https://login.microsoftonline.com/',
  },
  AzureUSGovernment: {
    'suffixes.storage': 'core.usgovcloudapi.net',
    'authentication.loginEndpoint': 'https://login.microsoftonline.us/',
  },
  AzureChinaCloud: {
    'suffixes.storage': 'core.chinacloudapi.cn',
    'authentication.loginEndpoint': 'https://login.chinacloudapi.cn/',
  },
} as const;

export type CloudName = keyof typeof ENVIRONMENTS;

/** The target of a deployment: a subscription. */
export interface Target {
  readonly cloud: CloudName;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly location: string;
  readonly deploymentName: string;
}

export interface Compiler {
  /** Compiles a Bicep file to the JSON that Azure Resource Manager takes. Rejects with the compiler's message. */
  compile(file: string): Promise<string>;
  /** `parameters` by name. Rejects with the compiler's message when one is unknown, missing or of another type. */
  expand(template: string, parameters: Readonly<Record<string, unknown>>, target: Target): Promise<ExpandedTemplate>;
}

const TIMEOUT_MS = 120_000;
const OUTPUT_BYTES_MAXIMUM = 64 * 1024 * 1024;
const run = promisify(execFile);

/** The text as a Bicep string. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('${', '\\${')}'`;
}

function parametersFile(parameters: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(parameters).map(
    ([name, value]) => `param ${name} = json(${quoted(JSON.stringify(value))})`,
  );
  return ["using 'template.json'", ...lines, ''].join('\n');
}

/** Puts in the values of `environment()`: the engine leaves it open, and with it every loop that depends on it. */
function inCloud(template: string, name: CloudName): string {
  return template.replace(/environment\(\)\.([\w.]+)/g, (_, path: string) => {
    const answers: Readonly<Record<string, string>> = { name, ...ENVIRONMENTS[name] };
    const answer = answers[path];
    if (answer === undefined) throw new Error(`What environment().${path} answers is not known here.`);
    return `'${answer}'`;
  });
}

async function inFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'template-'));
  try {
    return await act(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The compiler of this machine, or undefined if none has this engine. Throws when fetching it fails. */
export function createCompiler(): Compiler | undefined {
  const command = findCompiler('snapshot');
  if (command === undefined) return undefined;
  const call = async (...args: readonly string[]): Promise<void> => {
    try {
      await run(command, args, { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAXIMUM });
    } catch (error) {
      const { stderr = '' } = error as { readonly stderr?: string };
      const complaint = stderr.split('\n').find((line) => line.includes('Error')) ?? stderr;
      throw new Error(`The template was refused: ${complaint.trim()}`, { cause: error });
    }
  };
  return {
    compile: (file) =>
      inFolder(async (folder) => {
        const template = join(folder, 'template.json');
        await call('build', file, '--outfile', template);
        return readFile(template, 'utf8');
      }),
    expand: (template, parameters, { cloud, tenantId, subscriptionId, location, deploymentName }) =>
      inFolder(async (folder) => {
        await writeFile(join(folder, 'template.json'), inCloud(template, cloud));
        const file = join(folder, 'template.bicepparam');
        await writeFile(file, parametersFile(parameters));
        const place = ['--tenant-id', tenantId, '--subscription-id', subscriptionId, '--location', location];
        const flags = ['--mode', 'overwrite', ...place, '--deployment-name', deploymentName];
        await call('snapshot', file, ...flags);
        const text = await readFile(join(folder, 'template.snapshot.json'), 'utf8');
        const { predictedResources, outputs, diagnostics } = snapshot.parse(JSON.parse(text));
        const [first] = diagnostics;
        if (first !== undefined) throw new Error(`The template was expanded in part only: ${first.trim()}`);
        return { resources: predictedResources, outputs };
      }),
  };
}
