// Finds what the example clients in Python and C# need, and runs them as a person at a console does.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import type { LocalAzure } from '../../local/azure/local-azure.ts';

const run = promisify(execFile);
const folderOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const PROBE_TIMEOUT_MS = 30_000;
/** Without a network, NuGet goes on trying for minutes. */
const RESTORE_TIMEOUT_MS = 60_000;
const BUILD_TIMEOUT_MS = 150_000;
const ANSWER_WITHIN_MS = 40_000;
const PROMPT = 'text> ';

export interface ClientProgram {
  /** Its name on the wire, and in the policy. */
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Why App Configuration's provider cannot be tried here; undefined if it can. */
  readonly missingProvider: string | undefined;
}

/** The Python client, or a sentence that says what is not here. `PYTHON` names another interpreter. */
export async function findPythonClient(): Promise<ClientProgram | string> {
  const imports = 'import azure.identity, azure.keyvault.secrets, requests';
  for (const python of [process.env['PYTHON'] ?? 'python3', '/usr/bin/python3']) {
    const found = await run(python, ['-c', imports], { timeout: PROBE_TIMEOUT_MS }).catch(() => undefined);
    if (found === undefined) continue;
    const provider = 'from azure.appconfiguration.provider import SettingSelector, WatchKey, load';
    const hasProvider = await run(python, ['-c', provider], { timeout: PROBE_TIMEOUT_MS }).then(
      () => true,
      () => false,
    );
    return {
      name: 'python-client',
      command: [python, '-B', folderOf('examples/python-client/main.py')],
      missingProvider: hasProvider ? undefined : 'There is no azure-appconfiguration-provider 2.0 or newer here.',
    };
  }
  return 'There is no Python here that has azure-identity, azure-keyvault-secrets and requests.';
}

/** The built C# client, or a sentence that says what is not here. Rejects if it does not compile. */
export async function findCSharpClient(): Promise<ClientProgram | string> {
  const project = folderOf('examples/csharp-client/csharp-client.csproj');
  const environment = { DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' };
  const dotnet = (args: readonly string[], timeout: number) =>
    run('dotnet', [...args], { timeout, env: { ...process.env, ...environment } });
  const sdks = await dotnet(['--list-sdks'], PROBE_TIMEOUT_MS).catch(() => undefined);
  if (!/^[1-9]\d\./m.test(sdks?.stdout ?? '')) return 'There is no .NET SDK 10 or newer here.';
  const common = [project, '--disable-build-servers'];
  for (const hasProvider of [true, false]) {
    const options = [...common, `-p:AppConfiguration=${hasProvider}`];
    const restored = await dotnet(['restore', ...options], RESTORE_TIMEOUT_MS).catch(() => undefined);
    if (restored === undefined) continue;
    await dotnet(['build', '--no-restore', ...options], BUILD_TIMEOUT_MS).catch((cause: unknown) => {
      const { stdout } = cause as { readonly stdout?: string };
      throw new Error(`The C# client does not compile: ${stdout ?? ''}`, { cause });
    });
    return {
      name: 'csharp-client',
      command: ['dotnet', folderOf('out/csharp-client/bin/csharp-client/debug/csharp-client.dll')],
      missingProvider: hasProvider ? undefined : "NuGet does not give App Configuration's provider here.",
    };
  }
  return 'The packages of the C# client are not here, and NuGet does not give them.';
}

/** The variables that clients of all languages need to reach this Azure. */
export function settingsOf(azure: LocalAzure, account: string): Record<string, string> {
  return {
    ...azure.identity(),
    REQUESTS_CA_BUNDLE: azure.caFile,
    SSL_CERT_FILE: azure.caFile,
    KEY_VAULT_URL: azure.endpoints.keyVault,
    ENDPOINT: azure.dataPlaneEndpoint(account),
  };
}

/** A program that runs. `output` and `errors` are all that it has printed. */
export class Running {
  output = '';
  errors = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  #onOutput: () => void = () => undefined;

  constructor({ command: [file, ...first] }: ClientProgram, args: readonly string[], settings: Record<string, string>) {
    this.#child = spawn(file, [...first, ...args], { env: { ...process.env, ...settings } });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
      this.#onOutput();
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    this.#closed = once(this.#child, 'close');
  }

  /** Resolves at the first prompt. */
  ready(): Promise<void> {
    return this.#until(() => this.output.endsWith(PROMPT));
  }

  /** Types a line, and returns what the program prints before its next prompt. */
  async ask(line: string): Promise<string> {
    const from = this.output.length;
    this.#child.stdin?.write(`${line}\n`);
    await this.#until(() => this.output.length > from && this.output.endsWith(PROMPT));
    return this.output.slice(from, -PROMPT.length).trimEnd();
  }

  /** The exit code. Types `quit` first if the program has a prompt. */
  async end(): Promise<number | null> {
    this.#child.stdin?.end(this.output.endsWith(PROMPT) ? 'quit\nnot read\n' : '');
    const timer = setTimeout(() => this.kill(), ANSWER_WITHIN_MS);
    const [code] = (await this.#closed) as [number | null];
    clearTimeout(timer);
    return code;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async #until(holds: () => boolean): Promise<void> {
    const printed = new Promise<void>((resolve) => {
      this.#onOutput = () => {
        if (holds()) resolve();
      };
      this.#onOutput();
    });
    const ended = this.#closed.then(() => {
      throw new Error(`The program has ended: ${this.output}${this.errors}`);
    });
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error(`The program did not answer: ${this.output}${this.errors}`));
      });
    });
    await Promise.race([printed, ended, late]);
  }
}

/** Ends with the test. */
export function start(program: ClientProgram, args: readonly string[], settings: Record<string, string>): Running {
  const running = new Running(program, args, settings);
  onTestFinished(() => running.kill());
  return running;
}

/** Statuses of the program's own calls, in order. */
export function statusesOf({ requests }: LocalAzure, { name }: ClientProgram): number[] {
  return requests.filter(({ caller }) => caller === name).map(({ status }) => status);
}
