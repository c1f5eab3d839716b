// A shell as the operator has it: one session from the first command to the last, with `az` and `azd` on its path. Those two
// hand their words to this process and print what it answers; everything else (curl, npm, the shell itself) is real.
// It must not know what the commands do.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Runs one command; answers what it prints, or throws what it complains of. */
export type Program = (args: readonly string[]) => Promise<string>;

export interface Shell {
  /** Runs the lines; answers what they print. Rejects with the first complaint when one of them fails. */
  readonly run: (lines: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const OUTPUT_CHARACTERS_MAXIMUM = 1_000_000;

async function readArgs(request: AsyncIterable<Buffer>): Promise<string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  // As the shell hands words over: each ended by a zero byte.
  return Buffer.concat(chunks).toString('utf8').split('\0').slice(0, -1);
}

async function listen(programs: Readonly<Record<string, Program>>, token: string): Promise<Server> {
  const server = createServer((request, response) => {
    const program = programs[(request.url ?? '/').slice(1)];
    if (program === undefined || request.headers.authorization !== token) {
      response.writeHead(404).end();
      return;
    }
    readArgs(request as AsyncIterable<Buffer>)
      .then(program)
      .then(
        (output) => response.end(output),
        (error: unknown) => response.writeHead(400).end(`${error instanceof Error ? error.message : String(error)}\n`),
      );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Puts a program that asks this process into `folder`. */
async function install(folder: string, name: string, port: number, token: string): Promise<void> {
  const file = join(folder, name);
  const lines = [
    '#!/bin/bash',
    `answer=$(printf '%s\\0' "$@" | curl -s --noproxy '*' -w '\\n%{http_code}' -H 'Authorization: ${token}' --data-binary @- http://127.0.0.1:${port}/${name})`,
    "status=${answer##*$'\\n'}",
    "output=${answer%$'\\n'*}",
    '[ "$status" = 200 ] || { printf \'%s\\n\' "$output" >&2; exit 1; }',
    '[ -z "$output" ] || printf \'%s\\n\' "$output"',
    '',
  ];
  await writeFile(file, lines.join('\n'));
  await chmod(file, 0o755);
}

/** Waits for the line that ends what `lines` print. */
function outputUntil(child: ChildProcess, mark: string): Promise<{ readonly output: string; readonly status: number }> {
  return new Promise((resolve, reject) => {
    let output = '';
    const end = (): void => {
      child.stdout?.off('data', read);
      child.off('exit', died);
    };
    const died = (): void => {
      end();
      reject(new Error('The shell has ended.'));
    };
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-OUTPUT_CHARACTERS_MAXIMUM);
      const at = output.lastIndexOf(mark);
      const status = /^ (\d+)\n/.exec(output.slice(at + mark.length))?.[1];
      if (at < 0 || status === undefined) return;
      end();
      resolve({ output: output.slice(0, at), status: Number(status) });
    };
    child.stdout?.on('data', read);
    child.once('exit', died);
  });
}

/** Starts bash with this environment and nothing of this process's but where programs are. */
export async function openShell(
  programs: Readonly<Record<string, Program>>,
  environment: Readonly<Record<string, string>>,
): Promise<Shell> {
  const folder = await mkdtemp(join(tmpdir(), 'shell-'));
  const token = randomBytes(16).toString('hex');
  const server = await listen(programs, token);
  const { port } = server.address() as AddressInfo;
  for (const name of Object.keys(programs)) await install(folder, name, port, token);
  const { PATH = '', HOME = folder } = process.env;
  const child = spawn('bash', ['--noprofile', '--norc'], {
    cwd: root,
    // What the commands leave in temporary folders goes with the session.
    env: { ...environment, PATH: `${folder}:${PATH}`, HOME, TMPDIR: folder },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-OUTPUT_CHARACTERS_MAXIMUM);
  });
  return {
    async run(lines) {
      const mark = `--- ${randomBytes(8).toString('hex')}`;
      complaints = '';
      const done = outputUntil(child, mark);
      // In the shell itself, for what one block sets the next one reads; the first line that fails is the last one run.
      child.stdin.write(`failed=0; trap 'failed=1' ERR\n${lines}\ntrap - ERR; echo "${mark} $failed"\n`);
      const { output, status } = await done;
      if (status !== 0) throw new Error(`A documented command failed: ${complaints.trim() || output.trim()}`);
      return output;
    },
    async close() {
      child.kill('SIGKILL');
      server.close();
      server.closeAllConnections();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
