// Finds out how to sign in to the service: a token from the environment, a function key from the environment, or a token
// of the Azure CLI. No flag takes a secret: all users of a machine can read the arguments of a process.
import { Credential } from './credential.ts';
import { EXIT, Failure, wrongUsage } from './failure.ts';
import type { World } from './world.ts';

/** Environment variables of every command, each with its meaning. */
export const VARIABLES = {
  KEY_ROTATION_URL: 'the address of the service, in place of --url',
  KEY_ROTATION_RESOURCE: 'the application of the service in Microsoft Entra, in place of --resource',
  KEY_ROTATION_TOKEN: 'a bearer token for the service; without it, `az` is asked for one',
  KEY_ROTATION_FUNCTION_KEY: 'a function key, for a service without Microsoft Entra',
} as const;

/** A client id, or an application id URI. Nothing in it has a meaning for a shell. */
const RESOURCE = /^[A-Za-z0-9][A-Za-z0-9:/._-]{0,199}$/;
/** The characters of a header's value: a line break would add a header. */
const SECRET = /^[\x21-\x7e]{1,16384}$/;

/** Undefined if nothing says how to sign in: a service on this machine asks for nothing. Throws `Failure`. */
export async function signIn(world: World, resource: string | undefined): Promise<Credential | undefined> {
  const token = secretOf(world, 'KEY_ROTATION_TOKEN');
  if (token !== undefined) return Credential.ofToken(token, false);
  const key = secretOf(world, 'KEY_ROTATION_FUNCTION_KEY');
  if (key !== undefined) return Credential.ofFunctionKey(key);
  const named = resource ?? given(world, 'KEY_ROTATION_RESOURCE');
  return named === undefined ? undefined : Credential.ofToken(await tokenOfAz(world, named), true);
}

function given({ environment }: World, name: keyof typeof VARIABLES): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

function secretOf(world: World, name: keyof typeof VARIABLES): string | undefined {
  const value = given(world, name);
  if (value === undefined || SECRET.test(value)) return value;
  throw wrongUsage(`${name} has a space, a line break or a character beyond ASCII.`, `Set ${name} to the value alone.`);
}

async function tokenOfAz(world: World, resource: string): Promise<string> {
  if (!RESOURCE.test(resource)) {
    throw wrongUsage('--resource is neither a client id nor an application id URI.', 'Give api://<client id>.');
  }
  const args = ['account', 'get-access-token', '--resource', resource, '--query', 'accessToken', '--output', 'tsv'];
  const token = await world.az(args).catch((error: unknown) => {
    throw notSignedIn(`az gives no token: ${reasonOf(error)}`);
  });
  if (SECRET.test(token.trim())) return token.trim();
  throw notSignedIn('az printed no token.');
}

function notSignedIn(detail: string): Failure {
  const remedy = 'Run `az login`, or set KEY_ROTATION_TOKEN or KEY_ROTATION_FUNCTION_KEY.';
  return new Failure(EXIT.unreachable, { title: 'The caller is not signed in.', detail, remedy });
}

/** The line of the error, or the first one. az prints its warnings before. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : 'no reason is given';
  const lines = text.trim().split('\n');
  return lines.find((line) => line.startsWith('ERROR')) ?? lines[0] ?? '';
}
