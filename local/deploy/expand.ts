// Expands a template as Azure Resource Manager would, with the engine in the Bicep compiler: every module, loop,
// condition and expression. Only values that a running Azure alone knows stay open. It must not deploy anything.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { findCompiler } from '../../scripts/bicep-compiler.mjs';
import { openTemporaryFolder } from '../../scripts/temporary-folder.mjs';

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

/** A deployment that the template contains, or the template's own: Azure keeps each under its name. */
export interface NestedDeployment {
  /** ARM id of the subscription or the resource group. */
  readonly scope: string;
  readonly name: string;
}

export interface ExpandedTemplate {
  readonly deployments: readonly NestedDeployment[];
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

export interface DeploymentRequest {
  /** The JSON that the compiler makes. */
  readonly template: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly target: Target;
}

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
  /** Rejects with the compiler's message when a parameter is unknown, missing or of another type. */
  expand(request: DeploymentRequest): Promise<ExpandedTemplate>;
  /** Evaluates every expression in `value`, as an output of the template. Rejects when one needs a running Azure. */
  evaluate<T extends object>(request: DeploymentRequest, value: T): Promise<T>;
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

/** Not a type of Azure: a resource in each deployment, which has the name of the deployment. The engine drops the names. */
const NAME_TYPE = 'Local.Deployments/names';

/** Adds a resource with the deployment's name to the template and to each deployment in it. */
function withNames(template: unknown): unknown {
  if (Array.isArray(template)) return template.map(withNames);
  if (typeof template !== 'object' || template === null) return template;
  const entries = Object.entries(template).map(([key, value]) => [key, withNames(value)]);
  const copy = Object.fromEntries(entries) as Record<string, unknown>;
  const { $schema, resources } = copy;
  if (typeof $schema !== 'string' || typeof resources !== 'object') return copy;
  const named = { type: NAME_TYPE, apiVersion: '2020-01-01', name: '[deployment().name]' };
  return {
    ...copy,
    resources: Array.isArray(resources) ? [...(resources as unknown[]), named] : { ...resources, named },
  };
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
  const { path: folder, remove } = await openTemporaryFolder('template');
  try {
    return await act(folder);
  } finally {
    await remove();
  }
}

/** The template without resources, whose one output is `value`. Secure parameters become plain ones, to be evaluated too. */
function returning(template: string, value: object): string {
  const { resources, ...rest } = z.object({ resources: z.unknown() }).loose().parse(JSON.parse(template));
  const none = Array.isArray(resources) ? [] : {};
  const outputs = { value: { type: 'object', value } };
  return JSON.stringify({ ...rest, resources: none, outputs }).replaceAll('"securestring"', '"string"');
}

type Call = (...args: readonly string[]) => Promise<void>;

function snapshotOf({ template, parameters, target }: DeploymentRequest, call: Call): Promise<ExpandedTemplate> {
  return inFolder(async (folder) => {
    const named = JSON.stringify(withNames(JSON.parse(template)));
    await writeFile(join(folder, 'template.json'), inCloud(named, target.cloud));
    const file = join(folder, 'template.bicepparam');
    await writeFile(file, parametersFile(parameters));
    const place = ['--tenant-id', target.tenantId, '--subscription-id', target.subscriptionId];
    const where = ['--location', target.location, '--deployment-name', target.deploymentName];
    await call('snapshot', file, '--mode', 'overwrite', ...place, ...where);
    const text = await readFile(join(folder, 'template.snapshot.json'), 'utf8');
    const { predictedResources, outputs, diagnostics } = snapshot.parse(JSON.parse(text));
    const [first] = diagnostics;
    if (first !== undefined) throw new Error(`The template was expanded in part only: ${first.trim()}`);
    const isName = ({ type }: PlannedResource): boolean => type === NAME_TYPE;
    return {
      deployments: predictedResources
        .filter(isName)
        .map(({ id, name }) => ({ name, scope: id.slice(0, id.indexOf(`/providers/${NAME_TYPE}/`)) })),
      resources: predictedResources.filter((resource) => !isName(resource)),
      outputs,
    };
  });
}

/** The compiler of this machine, or undefined if none has this engine. Throws when fetching it fails. */
export function createCompiler(): Compiler | undefined {
  const command = findCompiler('snapshot');
  if (command === undefined) return undefined;
  const call: Call = async (...args) => {
    try {
      await run(command, args, { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAXIMUM });
    } catch (error) {
      const { stderr = '' } = error as { readonly stderr?: string };
      const lines = stderr.split('\n');
      const complaint =
        lines.find((line) => /Error|Exception/.test(line))?.replace(/^Unhandled exception: \S+: /, '') ?? stderr;
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
    expand: (request) => snapshotOf(request, call),
    evaluate: async <T extends object>(request: DeploymentRequest, value: T): Promise<T> => {
      const { outputs } = await snapshotOf({ ...request, template: returning(request.template, value) }, call);
      const { value: evaluated } = outputs;
      // The engine keeps the whole output as an expression when it cannot evaluate a part.
      if (typeof evaluated === 'string') {
        const open = /\b(?:reference|list\w*)\(.{0,80}/.exec(evaluated)?.[0] ?? evaluated.slice(0, 80);
        throw new Error(`The template has an expression that needs a running Azure: ${open}`);
      }
      return evaluated as T;
    },
  };
}
