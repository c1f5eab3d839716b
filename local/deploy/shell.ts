// The operator's shell: bash, with `az` and `azd` on its path. Those two send their arguments to this process and print
// its output. Everything else (curl, npm, the shell itself) is real. Variables and functions stay from one run to the next.
// It must not know the commands, outlive this process or wait for ever.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** Runs one command. Returns its output; rejects with its complaint. */
export type Program = (args: readonly string[]) => Promise<string>;

export interface ShellOptions {
  readonly programs: Readonly<Record<string, Program>>;
  readonly environment: Readonly<Record<string, string>>;
  /** The parent of the shell's own folder. */
  readonly folder: string;
  /** Limit for one `run`. */
  readonly timeoutMs?: number;
}

/** Makes `curl` fail on a refusal. The documented commands leave that check to the reader. */
const CURL_SETTINGS = 'fail-with-body\nshow-error\n';
const root = fileURLToPath(new URL('../..', import.meta.url));
const TIMEOUT_MS = 300_000;

/** Runs `$1`. A failure ends it and leaves the failed command as written, without the values of its variables. */
const SESSION = `
set -ea
[ ! -f "$TMPDIR/session" ] || . "$TMPDIR/session"
trap 'printf %s "$BASH_COMMAND" >"$TMPDIR/failed"' ERR
eval "$1"
{ export -p; declare -f; } >"$TMPDIR/session"`;

/**
 * Forwards a command to this process: each word ends with a zero byte. A word `@/FILE` becomes the text of that file, as the
 * Azure CLI does it.
 */
const forwarder = (url: string): string => `#!/usr/bin/env bash
words=()
for word; do
  [[ $word != @/* ]] || word=$(cat "\${word#@}")
  words+=("$word")
done
output=$(printf '%s\\0' "\${words[@]}" | curl -q -s --noproxy '*' --fail-with-body --data-binary @- ${url}) || { printf '%s\\n' "$output" >&2; exit 1; }
[ -z "$output" ] || printf '%s\\n' "$output"
`;

/** Serves each program at the path of its name. */
class ProgramServer {
  readonly #server: Server;
  readonly #running = new Set<Promise<string>>();
  #complaint: string | undefined;

  constructor(programs: Readonly<Record<string, Program>>, secret: string) {
    this.#server = createServer((request, response) => {
      const [, given, name = ''] = (request.url ?? '').split('/');
      const program = programs[name];
      if (program === undefined || given !== secret) {
        response.writeHead(404).end();
        return;
      }
      const running = buffer(request).then((body) => program(body.toString('utf8').split('\0').slice(0, -1)));
      this.#running.add(running);
      running
        .then(
          (output) => response.end(output),
          (error: unknown) => {
            const complaint = error instanceof Error ? error.message : String(error);
            this.#complaint ??= complaint;
            response.writeHead(400).end(`${complaint}\n`);
          },
        )
        .finally(() => this.#running.delete(running));
    });
  }

  /** The complaint of the first program that has failed since the last call. bash goes on after `a && b`, `eval "$(a)"`. */
  takeComplaint(): string | undefined {
    const complaint = this.#complaint;
    this.#complaint = undefined;
    return complaint;
  }

  async open(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.close();
    await Promise.allSettled(this.#running);
    this.#server.closeAllConnections();
  }
}

/** With everything that it has started. */
function kill({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
}

export class Shell {
  readonly #folder: string;
  readonly #server: ProgramServer;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #timeoutMs: number;
  #child: ChildProcess | undefined;

  private constructor(folder: string, server: ProgramServer, options: ShellOptions) {
    this.#folder = folder;
    this.#server = server;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    const { PATH = '', HOME = folder } = process.env;
    // Temporary files of the commands go with the shell.
    this.#environment = {
      ...options.environment,
      PATH: `${folder}:${PATH}`,
      HOME,
      CURL_HOME: folder,
      TMPDIR: folder,
    };
  }

  /** Only PATH and HOME come from the environment of this process. */
  static async open(options: ShellOptions): Promise<Shell> {
    const folder = await mkdtemp(join(options.folder, 'shell-'));
    const secret = randomBytes(16).toString('hex');
    const server = new ProgramServer(options.programs, secret);
    const port = await server.open();
    for (const name of Object.keys(options.programs)) {
      await writeFile(join(folder, name), forwarder(`http://127.0.0.1:${port}/${secret}/${name}`));
      await chmod(join(folder, name), 0o755);
    }
    await writeFile(join(folder, '.curlrc'), CURL_SETTINGS);
    return new Shell(folder, server, options);
  }

  /** Runs the lines; returns their output. Rejects with the complaint when a command fails, or never ends. */
  async run(lines: string): Promise<string> {
    // No input, so that a command that reads ends. A process group of its own, so that all of it can be ended.
    const child = spawn('bash', ['--noprofile', '--norc', '-c', SESSION, 'bash', lines], {
      cwd: root,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    this.#server.takeComplaint();
    const late = AbortSignal.timeout(this.#timeoutMs);
    late.addEventListener('abort', () => kill(child), { once: true });
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    if (late.aborted) throw new Error(`A command has not ended after ${this.#timeoutMs / 1000} s.`);
    if (child.signalCode !== null) throw new Error('The shell has ended.');
    const complaint = this.#server.takeComplaint();
    if (child.exitCode === 0 && complaint === undefined) return output;
    const reason = complaint ?? (errors.trim() || output.trim() || 'it says nothing');
    throw new Error(`A documented command failed: ${await this.#failedCommand()}${reason}`);
  }

  /** Kills the commands, then waits for the programs that run in this process. No `run` may follow. */
  async close(): Promise<void> {
    if (this.#child !== undefined) kill(this.#child);
    await this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Takes it away: the next run starts without it. */
  async #failedCommand(): Promise<string> {
    const file = join(this.#folder, 'failed');
    const command = await readFile(file, 'utf8').catch(() => '');
    await rm(file, { force: true });
    return command === '' ? '' : `${command}: `;
  }
}
