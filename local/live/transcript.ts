// The shape of each request and its answer, without a value: what is kept of a run, and compared with another run.
// It must not keep a body, a header's value or an address: those carry keys, tokens and names of a subscription.

/** The form of a JSON value: names of fields and kinds of values. An array has the form of its first element. */
export type Shape = string | readonly [Shape] | readonly [] | { readonly [name: string]: Shape };

export interface Entry {
  /** The request's name in `calls.ts`. */
  readonly call: string;
  readonly status: number;
  /** `error.code` of the answer, or the `code` of a problem. Never a message: it may repeat what was sent. */
  readonly code?: string;
  /** Names of the headers that callers rely on, as far as the answer has them. */
  readonly headers: readonly string[];
  readonly body?: Shape;
}

const RELIED_ON = [
  'content-type',
  'etag',
  'retry-after',
  'www-authenticate',
  'x-ms-ratelimit-remaining-subscription-reads',
];
/** Names that are chosen by callers, such as tags, are not a part of the form. */
const OPEN = new Set(['tags']);

export function shapeOf(value: unknown): Shape {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object') return typeof value;
  const names = Object.keys(value).toSorted();
  return Object.fromEntries(
    names.map((name) => [
      name,
      OPEN.has(name) ? 'object' : shapeOf((value as Readonly<Record<string, unknown>>)[name]),
    ]),
  );
}

export async function entryOf(call: string, response: Response): Promise<Entry> {
  const headers = RELIED_ON.filter((name) => response.headers.has(name));
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
  const code = codeOf(parsed);
  return {
    call,
    status: response.status,
    ...(code === undefined ? {} : { code }),
    headers,
    ...(parsed === undefined ? {} : { body: shapeOf(parsed) }),
  };
}

function codeOf(body: unknown): string | undefined {
  const { error, code } = (body ?? {}) as { readonly error?: { readonly code?: unknown }; readonly code?: unknown };
  const found = error?.code ?? code;
  return typeof found === 'string' && /^[\w.]{1,60}$/.test(found) ? found : undefined;
}

/** One sentence for each difference. A run that lacks a request says so. */
export function differences(azure: readonly Entry[], local: readonly Entry[]): readonly string[] {
  const names = [...new Set([...azure, ...local].map(({ call }) => call))];
  return names.flatMap((name) => {
    const [there, here] = [azure, local].map((entries) => entries.find(({ call }) => call === name));
    if (there === undefined || here === undefined) {
      return [`${name}: only ${there === undefined ? 'the local Azure' : 'Azure'} was asked.`];
    }
    return differencesOf(name, there, here);
  });
}

function differencesOf(name: string, there: Entry, here: Entry): readonly string[] {
  const said = ({ status, code }: Entry): string => (code === undefined ? String(status) : `${status} ${code}`);
  if (there.status !== here.status) {
    const word = there.status >= 400 && here.status < 400 ? 'local Azure is kinder here' : 'local Azure differs here';
    return [`${name}: ${word}: Azure answers ${said(there)}, the local Azure ${said(here)}.`];
  }
  const found: string[] = [];
  if (there.code !== here.code) found.push(`${name}: Azure says ${said(there)}, the local Azure ${said(here)}.`);
  for (const header of there.headers.filter((each) => !here.headers.includes(each))) {
    found.push(`${name}: Azure sends the header ${header}, the local Azure does not.`);
  }
  for (const header of here.headers.filter((each) => !there.headers.includes(each))) {
    found.push(`${name}: local Azure is kinder here: it sends the header ${header}, Azure does not.`);
  }
  return [...found, ...shapeDifferences(name, '', there.body, here.body)];
}

/** A field that Azure lacks is kindness: code that reads it works here alone. */
function shapeDifferences(name: string, path: string, there: Shape | undefined, here: Shape | undefined): string[] {
  if (there === undefined && here === undefined) return [];
  const at = path === '' ? 'a body' : path;
  if (there === undefined) return [`${name}: local Azure is kinder here: it sends ${at}, Azure does not.`];
  if (here === undefined) return [`${name}: Azure sends ${at}, the local Azure does not.`];
  if (typeof there === 'object' && typeof here === 'object') {
    if (Array.isArray(there) !== Array.isArray(here)) return [`${name}: ${at} is a list on one side alone.`];
    const [fields, others] = [there, here] as readonly Readonly<Record<string, Shape>>[];
    return [...new Set([...Object.keys(fields ?? {}), ...Object.keys(others ?? {})])].flatMap((field) =>
      shapeDifferences(name, path === '' ? field : `${path}.${field}`, fields?.[field], others?.[field]),
    );
  }
  const kind = (shape: Shape): string => (typeof shape === 'string' ? shape : Array.isArray(shape) ? 'list' : 'object');
  return kind(there) === kind(here)
    ? []
    : [`${name}: ${at} is ${kind(there)} in Azure, ${kind(here)} in the local Azure.`];
}
