// Access tokens of the local Azure: issues JWTs signed with a secret of this process, and checks incoming tokens.
// It must not know a service's answer to a bad token: each service has its own words.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface TokenClaims {
  readonly aud: string;
  readonly iss: string;
  readonly tid: string;
  readonly oid: string;
  readonly appid: string;
  /** Unix seconds. */
  readonly exp: number;
  readonly iat: number;
  /** The account that issued the token; only in tokens of `issueToken`. */
  readonly account?: string;
}

export type TokenCheck =
  | { readonly state: 'missing' }
  /** Not a JWT, or not signed here. */
  | { readonly state: 'malformed' }
  | { readonly state: 'expired' | 'wrongTenant' | 'wrongAudience' | 'valid'; readonly claims: TokenClaims };

const BEARER = /^Bearer\s+(\S+)$/i;

// One secret for the process, not for each run: identity libraries cache tokens for as long as their process lives.
// So a token must stay valid at the next local Azure of the same process.
const processSecret = randomBytes(32);

function signatureOf(text: string, secret: Buffer): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

export class TokenIssuer {
  readonly tenantId: string;
  readonly #now: () => number;
  readonly #secret: Buffer;

  /** `now` in milliseconds since the epoch. An issuer with another `secret` makes tokens that are foreign here. */
  constructor(tenantId: string, now: () => number, secret: Buffer = processSecret) {
    this.tenantId = tenantId;
    this.#now = now;
    this.#secret = secret;
  }

  /** A negative `lifetimeSeconds` makes an expired token. */
  issue(claims: Pick<TokenClaims, 'aud' | 'oid' | 'appid' | 'account'>, lifetimeSeconds: number): string {
    const iat = Math.floor(this.#now() / 1000);
    const tid = this.tenantId;
    const all = { ...claims, iss: `https://sts.windows.net/${tid}/`, tid, iat, nbf: iat, exp: iat + lifetimeSeconds };
    const text = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(all)}`;
    return `${text}.${signatureOf(text, this.#secret).toString('base64url')}`;
  }

  /** Checks an `Authorization` header: signature, then expiry, tenant and audience. */
  check(authorization: string | undefined, isAudience: (audience: string) => boolean): TokenCheck {
    if (authorization === undefined) return { state: 'missing' };
    const token = BEARER.exec(authorization)?.[1];
    const claims = token === undefined ? undefined : this.#read(token);
    if (claims === undefined) return { state: 'malformed' };
    if (claims.exp * 1000 <= this.#now()) return { state: 'expired', claims };
    if (claims.tid !== this.tenantId) return { state: 'wrongTenant', claims };
    return { state: isAudience(claims.aud) ? 'valid' : 'wrongAudience', claims };
  }

  #read(token: string): TokenClaims | undefined {
    const [header, payload, signature, ...rest] = token.split('.');
    if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) return undefined;
    const expected = signatureOf(`${header}.${payload}`, this.#secret);
    const given = Buffer.from(signature, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as TokenClaims;
  }
}
