// Reads what an event hints at: a secret or an account to look at now. Total and lenient: both Event Grid and CloudEvents
// schema, fields in any case, data as an object or as its text. It must not decide anything on the content.
//
// Sources: the event schemas of Key Vault and of Azure Resource Manager's action events (docs/events.md).

export type EventHint =
  | {
      readonly kind: 'secret';
      /** Host name of the vault, or only its first label where the event says no more. */
      readonly vault: string;
      readonly secretName: string;
    }
  | {
      readonly kind: 'account';
      /** Lower-cased ARM id. */
      readonly accountId: string;
    };

const SECRET_TYPES: ReadonlySet<string> = new Set([
  'microsoft.keyvault.secretnewversioncreated',
  'microsoft.keyvault.secretnearexpiry',
  'microsoft.keyvault.secretexpired',
]);
const ACTION_TYPE = 'microsoft.resources.resourceactionsuccess';
const REGENERATE = 'microsoft.cognitiveservices/accounts/regeneratekey/action';
const ACCOUNT_ID =
  /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.cognitiveservices\/accounts\/[^/]+/;

/** Undefined for everything that is not about a secret or a regenerated key. Never throws. */
export function readEvent(event: unknown): EventHint | undefined {
  const type = (text(event, 'eventType') ?? text(event, 'type') ?? '').toLowerCase();
  const data = dataOf(event);
  if (SECRET_TYPES.has(type)) return secretHint(event, data);
  if (type === ACTION_TYPE) return accountHint(event, data);
  return undefined;
}

function secretHint(event: unknown, data: unknown): EventHint | undefined {
  const url = parseUrl(text(data, 'Id'));
  const vault = url?.host ?? text(data, 'VaultName');
  const secretName = text(data, 'ObjectName') ?? url?.pathname.split('/')[2] ?? text(event, 'subject');
  if (vault === undefined || secretName === undefined) return undefined;
  return { kind: 'secret', vault: vault.toLowerCase(), secretName: secretName.toLowerCase() };
}

function accountHint(event: unknown, data: unknown): EventHint | undefined {
  if (text(data, 'operationName')?.toLowerCase() !== REGENERATE) return undefined;
  const id = (text(data, 'resourceUri') ?? text(event, 'subject') ?? '').toLowerCase();
  const accountId = ACCOUNT_ID.exec(id)?.[0];
  return accountId === undefined ? undefined : { kind: 'account', accountId };
}

/** Some senders put the data as JSON text into the event. */
function dataOf(event: unknown): unknown {
  const data = field(event, 'data');
  if (typeof data !== 'string') return data;
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return undefined;
  }
}

function text(holder: unknown, name: string): string | undefined {
  const value = field(holder, name);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** A field by its name in any case. */
function field(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null) return undefined;
  const wanted = name.toLowerCase();
  const found = Object.keys(holder).find((key) => key.trim().toLowerCase() === wanted);
  return found === undefined ? undefined : (holder as Readonly<Record<string, unknown>>)[found];
}

function parseUrl(url: string | undefined): URL | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url) : undefined;
}
