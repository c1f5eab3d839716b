// The flags of `npm start`. Each flag is checked, and each refusal is one sentence.
import { readCommandLine } from '../command-line.ts';

export interface Flags {
  /** End when every account has completed one rotation. */
  readonly isOnce: boolean;
  /** The last line on stdout is the summary; everything else goes to stderr. */
  readonly isJson: boolean;
  readonly accounts: number;
  readonly latencyMs: number;
  readonly port: number;
}

const USAGE = 'npm start -- [--once] [--json] [--accounts N] [--latency MS] [--port N]';
const DEFAULT_ACCOUNTS = 3;
const DEFAULT_PORT = 7071;

export function readFlags(args: readonly string[]): Flags {
  const options = {
    once: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    accounts: { type: 'string' },
    latency: { type: 'string' },
    port: { type: 'string' },
  } as const;
  const values = readCommandLine(USAGE, options, args);
  return {
    isOnce: values.once,
    isJson: values.json,
    accounts: wholeNumber('--accounts', values.accounts, DEFAULT_ACCOUNTS, 1, 50),
    latencyMs: wholeNumber('--latency', values.latency, 0, 0, 1_000),
    port: wholeNumber('--port', values.port, DEFAULT_PORT, 1, 65_535),
  };
}

function wholeNumber(flag: string, text: string | undefined, absent: number, minimum: number, maximum: number): number {
  if (text === undefined) return absent;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  throw new Error(`${flag} takes a whole number from ${minimum} to ${maximum}, not "${text}".`);
}
