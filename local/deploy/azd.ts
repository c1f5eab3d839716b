// Plays the Azure Developer CLI, as far as the documentation needs it: an environment of variables, the parameters that
// infra/main.parameters.json makes of them, and the steps of `azd up` in azure.yaml.
// It must not deploy by itself: the functions in `AzdOptions` do.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

export interface AzdOptions {
  /** Variables that azd itself sets: subscription, location and signed-in principal. */
  readonly variables: Readonly<Record<string, string>>;
  /** Deploys the template with these parameters; returns its outputs. */
  readonly provision: (parameters: Readonly<Record<string, unknown>>) => Promise<Readonly<Record<string, unknown>>>;
  /** Runs a hook of azure.yaml: one shell line, in the repository, with the environment's variables. Rejects when it fails. */
  readonly runHook: (command: string, variables: Readonly<Record<string, string>>) => Promise<void>;
  /** Runs the app from this package. */
  readonly deploy: (packageFile: string) => Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const parametersFile = z.object({ parameters: z.record(z.string(), z.object({ value: z.unknown() })) });
const template = z.object({ parameters: z.record(z.string(), z.object({ type: z.string() })) });

/** Matches `${NAME}` and `${NAME=otherwise}`. */
const VARIABLE = /\$\{(\w+)(?:=([^}]*))?\}/g;

/** azd reads texts of flags and numbers as such: `armParameterFileValue` in Azure/azure-dev, bicep_provider.go. */
function valueOf(text: string, type: string | undefined): string | boolean | number {
  if (type === 'bool') return text === 'true';
  return type === 'int' && /^-?\d+$/.test(text) ? Number(text) : text;
}

/** Parameters for the template. The template's types decide how to read a variable's text. */
function parametersOf(templateText: string, variables: ReadonlyMap<string, string>): Readonly<Record<string, unknown>> {
  const { parameters } = parametersFile.parse(JSON.parse(readFileSync(`${root}/infra/main.parameters.json`, 'utf8')));
  const types = template.parse(JSON.parse(templateText)).parameters;
  const entries = Object.entries(parameters).map(([name, { value }]): [string, unknown] => {
    if (typeof value !== 'string') return [name, value];
    const text = value.replace(VARIABLE, (_, variable: string, otherwise?: string) => {
      return variables.get(variable) ?? otherwise ?? '';
    });
    return [name, valueOf(text, types[name]?.type)];
  });
  return Object.fromEntries(entries);
}

/** Names that infra/main.parameters.json reads. azd accepts any name, and a misspelt one would have no effect. */
function knownVariables(): ReadonlySet<string> {
  const text = readFileSync(`${root}/infra/main.parameters.json`, 'utf8');
  return new Set([...text.matchAll(VARIABLE)].map(([, name = '']) => name));
}

const hook = z.object({ run: z.string() });
const project = z.object({
  workflows: z.object({ up: z.object({ steps: z.array(z.object({ azd: z.string() })) }) }),
  hooks: z.object({ predeploy: hook, postdeploy: hook }),
});

function readProject(): z.infer<typeof project> {
  return project.parse(parse(readFileSync(`${root}/azure.yaml`, 'utf8')));
}

/** The number of words of each command. Flags are not known here. */
const WORDS: Readonly<Record<string, number>> = {
  'auth login': 2,
  'env new': 3,
  'env set': 4,
  'env get-values': 2,
  up: 1,
  provision: 1,
};

export class Azd {
  readonly #options: AzdOptions;
  readonly #templateText: string;
  #variables: Map<string, string>;
  #isNamed = false;

  /** `templateText`: the compiled template. */
  constructor(options: AzdOptions, templateText: string) {
    this.#options = options;
    this.#templateText = templateText;
    this.#variables = new Map(Object.entries(options.variables));
  }

  /** Returns the command's output. Throws one sentence where azd would not know the command, or would prompt. */
  async run(args: readonly string[]): Promise<string> {
    const [first = '', second = '', name = '', value = ''] = args;
    const words = `${first} ${second}`.trim();
    const count = WORDS[words];
    if (count !== undefined && args.length !== count) throw new Error(`azd ${words} takes ${count} words here.`);
    switch (words) {
      case 'auth login':
        return '';
      case 'env new':
        // Nothing of another environment is taken over.
        this.#variables = new Map([...Object.entries(this.#options.variables), ['AZURE_ENV_NAME', name]]);
        this.#isNamed = true;
        return '';
      case 'env set':
        if (!knownVariables().has(name)) throw new Error(`infra/main.parameters.json reads no variable ${name}.`);
        this.#variables.set(name, value);
        return '';
      case 'env get-values':
        return [...this.#variables].map(([key, text]) => `${key}="${text.replace(/["\\$`]/g, '\\$&')}"\n`).join('');
      case 'up':
        if (!this.#isNamed) throw new Error('There is no environment: azd would ask for its name.');
        for (const { azd } of readProject().workflows.up.steps) await this.run(azd.split(' '));
        return '';
      case 'provision':
        return this.#provision();
    }
    if (first === 'deploy' && args.length === 4 && args[2] === '--from-package') return this.#deploy(args[3] ?? '');
    throw new Error(`azd ${args.join(' ')} is not known here.`);
  }

  async #provision(): Promise<string> {
    const { provision } = this.#options;
    const outputs = await provision(parametersOf(this.#templateText, this.#variables));
    for (const [name, value] of Object.entries(outputs)) this.#variables.set(name, String(value));
    return '';
  }

  async #deploy(packageFile: string): Promise<string> {
    const { runHook, deploy } = this.#options;
    const { predeploy, postdeploy } = readProject().hooks;
    const variables = Object.fromEntries(this.#variables);
    await runHook(predeploy.run, variables);
    await deploy(`${root}/${packageFile}`);
    await runHook(postdeploy.run, variables);
    return '';
  }
}
