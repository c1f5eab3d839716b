// The operator's shell: one session for all commands, with `az` and `azd` on its path. Those two send their arguments
// to this process and print its answer. Everything else (curl, npm, the shell itself) is real.
// It must not know the commands, outlive this process or wait for ever.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
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

export interface Shell {
  /** Runs the lines; returns their output. Rejects with the complaint when a command fails, or never ends. */
  readonly run: (lines: string) => Promise<string>;
  /** Kills the shell, then waits for the programs that run in this process. No `run` may follow. */
  readonly close: () => Promise<void>;
}

/** Makes `curl` fail on a refusal. The documented commands leave that check to the reader. */
const CURL_SETTINGS = 'fail-with-body\nshow-error\n';
const root = fileURLToPath(new URL('../..', import.meta.url));
const OUTPUT_CHARACTERS_MAXIMUM = 1_000_000;
const TIMEOUT_MS = 300_000;

async function readArgs(request: AsyncIterable<Buffer>): Promise<string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  // The shell ends each word with a zero byte.
  return Buffer.concat(chunks).toString('utf8').split('\0').slice(0, -1);
}

/** Serves each program at the path of its name. */
class ProgramServer {
  readonly token = randomBytes(16).toString('hex');
  readonly #programs: Readonly<Record<string, Program>>;
  readonly #server: Server;
  #complaint: string | undefined;
  readonly #running = new Set<Promise<string>>();

  constructor(programs: Readonly<Record<string, Program>>) {
    this.#programs = programs;
    this.#server = createServer((request, response) => {
      const program = this.#programs[(request.url ?? '/').slice(1)];
      if (program === undefined || request.headers.authorization !== this.token) {
        response.writeHead(404).end();
        return;
      }
      const running = readArgs(request as AsyncIterable<Buffer>).then(program);
      this.#running.add(running);
      running
        .then(
          (output) => response.end(output),
          (error: unknown) => {
            const text = error instanceof Error ? error.message : String(error);
            this.#complaint ??= text;
            response.writeHead(400).end(`${text}\n`);
          },
        )
        .finally(() => this.#running.delete(running));
    });
  }

  /**
   * The complaint of the first program that has failed since the last call. In `a && b` and `eval "$(a)"` the shell
   * itself goes on as if nothing had failed.
   */
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

/** Writes a program into `folder` that forwards its command to this process. */
async function install(folder: string, name: string, port: number, token: string): Promise<void> {
  const file = join(folder, name);
  const lines = [
    '#!/usr/bin/env bash',
    `answer=$(printf '%s\\0' "$@" | curl -q -s --noproxy '*' -w '\\n%{http_code}' -H 'Authorization: ${token}' --data-binary @- http://127.0.0.1:${port}/${name})`,
    "status=${answer##*$'\\n'}",
    "output=${answer%$'\\n'*}",
    '[ "$status" = 200 ] || { printf \'%s\\n\' "$output" >&2; exit 1; }',
    '[ -z "$output" ] || printf \'%s\\n\' "$output"',
    '',
  ];
  await writeFile(file, lines.join('\n'));
  await chmod(file, 0o755);
}

/** Waits for the mark that ends the output. Rejects when the shell ends first, or time is over. */
function outputUntil(
  child: ChildProcess,
  stream: 'stdout' | 'stderr',
  mark: string,
  timeoutMs: number,
): Promise<{ readonly output: string; readonly failed: string }> {
  return new Promise((resolve, reject) => {
    let output = '';
    const end = (): void => {
      clearTimeout(timer);
      child[stream]?.off('data', read);
      child.off('exit', died);
    };
    const fail = (sentence: string): void => {
      end();
      reject(new Error(sentence));
    };
    const died = (): void => fail('The shell has ended.');
    const timer = setTimeout(() => fail(`A command has not ended after ${timeoutMs / 1000} s.`), timeoutMs);
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-OUTPUT_CHARACTERS_MAXIMUM);
      const [before = '', failed] = output.split(mark);
      if (failed?.endsWith('\0') !== true) return;
      end();
      resolve({ output: before, failed: failed.slice(0, -1) });
    };
    child[stream]?.on('data', read);
    child.once('exit', died);
    if (child.exitCode !== null || child.signalCode !== null) died();
  });
}

/** Quoted for the shell. */
function quoted(lines: string): string {
  return `'${lines.replaceAll("'", "'\\''")}'`;
}

/** Starts bash with this environment; only PATH and HOME come from this process. Rejects if there is no bash. */
export async function openShell(options: ShellOptions): Promise<Shell> {
  const { programs, environment, timeoutMs = TIMEOUT_MS } = options;
  const folder = await mkdtemp(join(options.folder, 'shell-'));
  const server = new ProgramServer(programs);
  const port = await server.open();
  for (const name of Object.keys(programs)) await install(folder, name, port, server.token);
  await writeFile(join(folder, '.curlrc'), CURL_SETTINGS);
  const { PATH = '', HOME = folder } = process.env;
  const child = spawn('bash', ['--noprofile', '--norc'], {
    cwd: root,
    // Temporary files of the commands go with the session.
    env: { ...environment, PATH: `${folder}:${PATH}`, HOME, CURL_HOME: folder, TMPDIR: folder },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group of its own, so that the shell's children end with it.
    detached: true,
  });
  // The shell has ended: `outputUntil` reports that.
  child.stdin.on('error', () => undefined);
  const close = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGKILL');
    }
    await server.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await once(child, 'spawn');
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    async run(lines) {
      const mark = `--- ${randomBytes(8).toString('hex')}\n`;
      server.takeComplaint();
      const until = (stream: 'stdout' | 'stderr') => outputUntil(child, stream, mark, timeoutMs);
      const done = Promise.all([until('stdout'), until('stderr')]);
      // `eval` in the shell itself, because one block sets variables that the next one reads. Quoted, so that a missing
      // quote is an error of these lines. Empty input, because a command that reads would take the lines behind it. The
      // error shows the failed command as written, without the values of its variables.
      child.stdin.write(
        [
          `failed=; trap 'failed=\${failed:-$BASH_COMMAND}' ERR`,
          `eval ${quoted(lines)} </dev/null`,
          `trap - ERR; printf '%s%s\\0' ${quoted(mark)} "$failed"; printf '%s\\0' ${quoted(mark)} >&2`,
          '',
        ].join('\n'),
      );
      const [{ output, failed }, { output: complaints }] = await done;
      const complaint = server.takeComplaint();
      if (failed !== '' || complaint !== undefined) {
        const reason = complaint ?? (complaints.trim() || output.trim() || 'it says nothing');
        throw new Error(`A documented command failed: ${failed === '' ? '' : `${failed}: `}${reason}`);
      }
      return output;
    },
  };
}
