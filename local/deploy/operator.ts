// The operator who follows the page: shows each command, as far as it is of interest, and runs it in the shell.
import type { Shell } from './shell.ts';

export class Operator {
  readonly #shell: Shell;
  readonly #show: (command: string) => void;

  constructor(shell: Shell, show: (command: string) => void) {
    this.#shell = shell;
    this.#show = show;
  }

  /** Runs documented commands; returns their output. Rejects when one fails. */
  type(lines: string): Promise<string> {
    this.#showAll(lines);
    return this.#shell.run(lines);
  }

  /** As `type`, for several groups of commands that run next to each other. */
  async typeAtOnce(groups: readonly string[]): Promise<void> {
    for (const lines of groups) this.#showAll(lines);
    const started = groups.map((lines) => `(\n${lines}\n) & jobs="$jobs $!"`);
    await this.#shell.run(['jobs=', ...started, 'for job in $jobs; do wait $job; done'].join('\n'));
  }

  /** Runs commands without showing them. */
  run(lines: string): Promise<string> {
    return this.#shell.run(lines);
  }

  #showAll(lines: string): void {
    const commands = lines
      .replace(/\\\n\s*/g, '')
      .trim()
      .split('\n');
    for (const command of commands) this.#show(command.replace(/\s+#.*$/, ''));
  }
}
