// Says in one sentence who refused a call, and why: the sign-in, the vault, the address rules or the key.
// A person must see whether to change the network or the key. An SDK's own text is long and says neither.

/** Codes of Entra that a wrong setting causes. */
const SIGN_IN: Readonly<Record<string, string>> = {
  AADSTS7000215: 'the password of the application is wrong',
  AADSTS7000222: 'the password of the application has expired',
  AADSTS700016: 'the tenant has no such application',
  AADSTS90002: 'there is no such tenant',
};

const BY_ADDRESS =
  "The address of this machine was refused (403), with any key: the account's address rules do not let it in.";
const BY_VAULT =
  'The vault was reached, but this identity may not read the secret (403): give it the role or the access policy.';

/** For an error of a sign-in or of the vault. */
export function sentenceOf(error: unknown): string {
  const { message = '', statusCode } = error as { readonly message?: string; readonly statusCode?: number };
  const signIn = Object.entries(SIGN_IN).find(([code]) => new RegExp(`${code}\\b`).test(message));
  if (signIn !== undefined) return `The sign-in was refused: ${signIn[1]}.`;
  if (statusCode === 403 && message.includes('Client address is not authorized')) {
    return "The address of this machine was refused by the vault (403): the vault's network rules do not let it in.";
  }
  if (statusCode === 403) return BY_VAULT;
  return message.split('\n')[0] || 'The call failed.';
}

/** For an answer of the AI service that is no success. */
export async function refusalOf(response: Response): Promise<string> {
  const { status } = response;
  const text = await response.text();
  if (status === 403 && /Virtual Network\/Firewall|Public access is disabled/.test(text)) return BY_ADDRESS;
  if (status === 401 && /token/i.test(text)) return 'The token was refused (401): it is not for this service.';
  if (status === 401 && text.includes('lacks the required data action')) {
    return 'The identity was refused (401): give it the role Cognitive Services User on the account.';
  }
  if (status === 401) return 'The key was refused (401): it is no key of the account at this endpoint.';
  if (status === 400 && text.includes('custom subdomain')) {
    return 'The token was refused (400): the account needs a custom subdomain, and the call its endpoint.';
  }
  return `There is no answer (status ${status}).`;
}
