// Reports the service's principal: requests one token and reads its claims. It must not show or keep the token.
import type { TokenCredential } from '@azure/identity';
import { z } from 'zod';
import { classifyError } from '../src/azure/client/classify-error.ts';
import { createCredential } from '../src/azure/client/credential.ts';
import type { Environment, Settings } from '../src/config/settings.ts';
import { type Line, no, open, yes } from './lines.ts';

const AREA = 'identity';
const DEADLINE_MS = 30_000;

const claims = z.object({
  oid: z.string().optional(),
  appid: z.string().optional(),
  tid: z.string().optional(),
  idtyp: z.string().optional(),
});

export interface Identity {
  readonly credential: TokenCredential;
  readonly lines: readonly Line[];
  /** False: without a token nothing else can be checked. */
  readonly isSignedIn: boolean;
}

export async function checkIdentity(settings: Settings, environment: Environment): Promise<Identity> {
  const { clientId, cloud } = settings;
  const credential = createCredential({ clientId, cloud, environment });
  try {
    const abortSignal = AbortSignal.timeout(DEADLINE_MS);
    const given = await credential.getToken(cloud.resourceManagerScope, { abortSignal });
    if (given === null) throw new Error('No token was given.');
    const line = yes(AREA, 'token', `Signed in as ${principalOf(given.token)}.`);
    return { credential, lines: [line, placeLine(environment)], isSignedIn: true };
  } catch (error) {
    const { code, message } = classifyError('arm', 'signIn', error);
    const remedy =
      code === 'Unavailable'
        ? 'Run the doctor again. If it lasts, look at the health of Microsoft Entra.'
        : 'Sign in (`az login`), or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET of a service principal.';
    return { credential, lines: [no(AREA, 'token', message, remedy)], isSignedIn: false };
  }
}

/** Reads the claims without verifying them: the services do that. The text only names the principal for people. */
function principalOf(token: string): string {
  try {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    const { oid, appid, tid, idtyp } = claims.parse(JSON.parse(payload));
    const kind = idtyp === 'user' ? 'user' : 'principal';
    const application = appid === undefined ? '' : `, application ${appid}`;
    return `${kind} ${oid ?? 'without an object id'}${application}, tenant ${tid ?? 'unknown'}`;
  } catch {
    return 'a principal whose token has no readable claims';
  }
}

function placeLine(environment: Environment): Line {
  const isAppService = environment['IDENTITY_ENDPOINT'] !== undefined || environment['MSI_ENDPOINT'] !== undefined;
  if (isAppService) return yes(AREA, 'place', 'The managed identity of App Service, as the Function App uses it.');
  return open(
    AREA,
    'place',
    'A sign-in on this machine, not the identity of the Function App: what it may do, the app may or may not.',
    'For the app itself: POST accounts/{account}/check.',
  );
}
