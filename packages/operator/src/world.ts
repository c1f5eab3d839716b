// Everything outside of the command: the terminal, the network, files, the Azure CLI, time. Tests bring a world of their
// own; `main.ts` brings the real one.

export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof fetch;
  /** Runs the Azure CLI, without a shell, for a minute at most; returns what it prints. Throws if it fails. */
  az(args: readonly string[]): Promise<string>;
  /** Throws `Failure` if the file is no text. */
  readFile(path: string): Promise<string>;
  /** Throws if the file is there already. */
  writeNewFile(path: string, text: string): Promise<void>;
  /** Writes to the standard output, which has results only. */
  out(text: string): void;
  /** Writes to the standard error: questions, progress, failures. */
  err(text: string): void;
  /** Asks a person. Undefined if the standard input is no terminal, or ends. */
  ask(question: string): Promise<string | undefined>;
  /** Milliseconds since some instant. It is never set back. */
  elapsedMs(): number;
  sleep(ms: number): Promise<void>;
  /** An id that no other call has. */
  newId(): string;
}
