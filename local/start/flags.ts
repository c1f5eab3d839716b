// The command line of `npm start`.
import { readCommand } from '../command-line.ts';

export interface Flags {
  /** End when every account has completed one rotation. */
  readonly isOnce: boolean;
  /** The last line on stdout is the summary; everything else goes to stderr. */
  readonly isJson: boolean;
  readonly accounts: number;
  readonly latencyMs: number;
  readonly port: number;
}

export function readFlags(): Flags {
  const { once, json, accounts, latency, port } = readCommand({
    name: 'npm start',
    does:
      'runs the demo: a local Azure, the service, and an application for each account that never stops calling. ' +
      'The demo shows each step as a line and ends with Ctrl-C. It needs no subscription.',
    flags: {
      accounts: { kind: 'number', means: 'accounts to rotate', minimum: 1, maximum: 50, default: 3 },
      port: { kind: 'number', means: 'port of the service', minimum: 1, maximum: 65_535, default: 7071 },
      latency: {
        kind: 'number',
        means: 'milliseconds that each call to the local Azure takes',
        minimum: 0,
        maximum: 1_000,
        default: 0,
      },
      once: {
        kind: 'switch',
        means: 'ends when every account has completed one rotation; exit code 1 if a call failed',
      },
      json: { kind: 'switch', means: 'prints a summary as JSON at the end, and everything else on stderr' },
    },
    examples: ['npm start', 'npm start -- --accounts 1 --once', 'npm start -- --port 8080'],
  });
  return { isOnce: once, isJson: json, accounts, latencyMs: latency, port };
}
