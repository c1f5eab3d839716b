// Storage as Azure offers it to clients with a token: names of the account, TLS, roles. Behind it is Azurite. Over
// plain http Azurite knows no tokens, so this front calls it with a shared access signature of its own.
// It must not change the meaning of a request, nor an answer.
import type { AccessControl } from '../identity/access.ts';
import type { TokenIssuer } from '../identity/tokens.ts';
import type { Places } from '../places.ts';
import { storageError } from './azurite-proxies.ts';
import { type Answer, type Plan, segmentsOf, type WireCall, type WireService } from './http.ts';
import { permissionFor } from './permissions.ts';

export interface StorageFrontOptions {
  readonly tokens: TokenIssuer;
  readonly access: AccessControl;
  readonly places: Places;
  readonly accountName: string;
  /** Query of a shared access signature for the whole account, without question mark. */
  readonly signature: string;
  /** The proxy before Azurite's own endpoint. */
  readonly inner: WireService;
}

const AUDIENCES = ['https://storage.azure.com', 'https://storage.azure.com/'];

/** First lines of the requests in the body of a transaction. */
const INNER_REQUEST = /^([A-Z]+) https:\/\/[^/\s]+\//gm;

/** The same request in Azurite's form: below the account's name, signed in the query. */
function signed(call: WireCall, { accountName, signature }: StorageFrontOptions): WireCall {
  const isTransaction = call.path === '/$batch';
  const path = `/${accountName}${call.path}`;
  const search = call.target.slice(call.path.length + 1);
  const target = `${path}?${[search, signature].filter((part) => part !== '').join('&')}`;
  const rawHeaders: string[] = [];
  for (let index = 0; index + 1 < call.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = call.rawHeaders.slice(index, index + 2);
    if (['authorization', 'content-length'].includes(name.toLowerCase())) continue;
    // Azurite would take the account from a host name with dots, so it gets an IP address.
    rawHeaders.push(name, name.toLowerCase() === 'host' ? '127.0.0.1' : value);
  }
  const body = isTransaction
    ? Buffer.from(call.body.toString('utf8').replace(INNER_REQUEST, `$1 http://127.0.0.1/${accountName}/`))
    : call.body;
  return {
    ...call,
    path,
    target,
    segments: segmentsOf(path) ?? [],
    headers: { ...call.headers, 'content-length': undefined },
    rawHeaders,
    body,
  };
}

export function createStorageFront(options: StorageFrontOptions): WireService {
  const { inner, tokens, access, places } = options;
  const plan = (call: WireCall): Plan => {
    const asked = inner.plan(signed(call, options));
    const run = (): Answer | Promise<Answer> => {
      const { authorization } = call.headers;
      const { state } = tokens.check(authorization, (audience) => AUDIENCES.includes(audience));
      if (state !== 'valid') {
        const refusal = storageError(401, 'NoAuthenticationInformation', 'Server failed to authenticate the request.');
        const challenge = `Bearer authorization_uri=https://login.microsoftonline.com/${tokens.tenantId}/oauth2/authorize resource_id=https://storage.azure.com`;
        return { ...refusal, headers: { ...refusal.headers, 'www-authenticate': challenge } };
      }
      if (access.denial(authorization, permissionFor(asked.operation), places.storage.id) === undefined) {
        return asked.run();
      }
      const message = 'This request is not authorized to perform this operation using this permission.';
      return storageError(403, 'AuthorizationPermissionMismatch', message);
    };
    return { ...asked, run };
  };
  return { ...inner, plan };
}
