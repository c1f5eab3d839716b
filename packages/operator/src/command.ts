// What every command has in common: its flags, its exit codes, its sign-in, and how it shows a result.
import { Client } from './client.ts';
import { type Command, type Flags, parseCommand, type Values } from './command-line.ts';
import type { Credential } from './credential.ts';
import { type ExitCode, wrongUsage } from './failure.ts';
import { signIn, VARIABLES } from './sign-in.ts';
import { jsonOf } from './text.ts';
import type { World } from './world.ts';

export const PROGRAM = 'ai-services-key-operator';

const COMMON = {
  url: { kind: 'text', value: 'URL', means: 'the address of the Function App; or set KEY_ROTATION_URL' },
  resource: {
    kind: 'text',
    value: 'APP',
    means:
      'the application of the service in Microsoft Entra, for a token of `az`: api://<client id>, or its client id',
  },
  timeout: {
    kind: 'number',
    means: 'seconds that one call may take; a call without an answer is sent three times',
    minimum: 5,
    maximum: 300,
    default: 60,
  },
  json: { kind: 'switch', means: 'prints the result as JSON' },
} as const satisfies Flags;

export const EXIT_CODES = {
  0: 'all is well, or the request is done or stored',
  1: 'something is wrong: blocked, failed, unhealthy, refused, or not over in time',
  2: 'the command line is wrong, or the service does not know what it names',
  3: 'the service cannot be reached, or the caller is not signed in or has not the role',
};

/** The only argument of most commands. */
export const ACCOUNT = { value: 'ACCOUNT', means: 'the alias of the account', atLeast: 1, atMost: 1 } as const;

export const REASON = {
  kind: 'text',
  value: 'TEXT',
  means: 'why; goes to the history of the account',
  isRequired: true,
} as const;

export const DRY_RUN = { kind: 'switch', means: 'shows what would follow, and changes nothing' } as const;

export interface Context {
  readonly world: World;
  readonly client: Client;
  /** Prints the result: the text for people, or the value as JSON. */
  readonly show: (value: unknown, text: () => string) => void;
}

export interface Runnable {
  readonly name: string;
  readonly does: string;
  read(args: readonly string[], world: World): Read;
}

export type Read =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'refusal'; readonly sentence: string }
  | { readonly kind: 'ready'; readonly isJson: boolean; run(onCredential: OnCredential): Promise<ExitCode> };

/** Is given each credential before it is used. */
export type OnCredential = (credential: Credential) => void;

export interface Definition<F extends Flags> {
  readonly name: string;
  readonly does: string;
  readonly flags: F;
  readonly rest?: NonNullable<Command['rest']>;
  /** Complete command lines, without the name of the program. */
  readonly examples: readonly [string, ...string[]];
}

type Given<F extends Flags> = Values<F> & { readonly rest: readonly string[] };

export function command<const F extends Flags>(
  definition: Definition<F>,
  act: (context: Context, given: Given<F>) => Promise<ExitCode>,
): Runnable {
  const { name, does, flags, rest, examples } = definition;
  const [first, ...others] = examples.map((example) => `${PROGRAM} ${example}`);
  const full = {
    name: `${PROGRAM} ${name}`,
    does,
    flags: { ...flags, ...COMMON },
    ...(rest === undefined ? {} : { rest }),
    variables: VARIABLES,
    exitCodes: EXIT_CODES,
    examples: [first ?? PROGRAM, ...others] as const,
  };
  return {
    name,
    does,
    read(args, world) {
      const reading = parseCommand(full, args);
      if (reading.kind !== 'values') return reading;
      const values = reading.values as Values<typeof COMMON> & Values<F>;
      const run = (onCredential: OnCredential): Promise<ExitCode> => {
        const client = connect(world, values, onCredential);
        const show: Context['show'] = (value, text) => {
          world.out(values.json ? `${jsonOf(value)}\n` : text());
        };
        return act({ world, client, show }, { ...values, rest: reading.rest });
      };
      return { kind: 'ready', isJson: values.json, run };
    },
  };
}

function connect(world: World, { url, resource, timeout }: Values<typeof COMMON>, onCredential: OnCredential): Client {
  const address = url ?? world.environment['KEY_ROTATION_URL'];
  if (address === undefined || address === '') {
    throw wrongUsage('No address of the service is given.', 'Give --url, or set KEY_ROTATION_URL.');
  }
  return new Client(world, {
    url: address,
    timeoutMs: timeout * 1_000,
    signIn: async () => {
      const credential = await signIn(world, resource);
      if (credential !== undefined) onCredential(credential);
      return credential;
    },
  });
}
