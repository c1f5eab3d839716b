// Evaluates the expressions that the compiler leaves open in an expanded template, because only a running Azure has
// their values. Example: `[reference('<id>', '<version>').principalId]`. It knows only the functions that occur there;
// any other function is an error. It must not know resources: the caller supplies the results of `reference`.
import { createHash } from 'node:crypto';

export interface Surroundings {
  /** The `properties` of a running resource; with `isFull` the whole resource. Throws when the resource is unknown. */
  reference(id: string, isFull: boolean): unknown;
  readonly parameters: Readonly<Record<string, unknown>>;
}

type Token =
  | { readonly kind: 'text' | 'name' | 'symbol'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number };

const TOKEN = /\s*(?:'((?:[^']|'')*)'|(-?\d+)|([A-Za-z_]\w*)|([().,[\]]))/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < text.trimEnd().length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw new Error(`The expression [${text}] cannot be read at position ${at}.`);
    const [, quoted, number, name, symbol = ''] = match;
    if (quoted !== undefined) tokens.push({ kind: 'text', value: quoted.replaceAll("''", "'") });
    else if (number !== undefined) tokens.push({ kind: 'number', value: Number(number) });
    else if (name !== undefined) tokens.push({ kind: 'name', value: name });
    else tokens.push({ kind: 'symbol', value: symbol });
  }
  return tokens;
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`A text was expected, not ${JSON.stringify(value)}.`);
}

/** Ignores the case of `name`, as Azure does. */
function memberOf(value: unknown, name: string): unknown {
  if (typeof value === 'object' && value !== null) {
    const found = Object.entries(value).find(([key]) => key.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found[1];
  }
  throw new Error(`There is no '${name}' in ${JSON.stringify(value)}.`);
}

/** Not the GUID that Azure would make, but as useful: the same for the same parts, another for other parts. */
export function guid(parts: readonly unknown[]): string {
  const hex = createHash('sha256').update(parts.map(asText).join('-')).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

function format([template, ...values]: readonly unknown[]): string {
  return asText(template).replace(/\{(\d+)\}/g, (_, index: string) => asText(values[Number(index)]));
}

function functionsOf(around: Surroundings): Readonly<Record<string, (values: readonly unknown[]) => unknown>> {
  return {
    reference: ([id, , full]) => around.reference(asText(id), full === 'full'),
    parameters: ([name]) => memberOf(around.parameters, asText(name)),
    extensionResourceId: ([scope, type, name]) => `${asText(scope)}/providers/${asText(type)}/${asText(name)}`,
    guid,
    format,
  };
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #functions: ReturnType<typeof functionsOf>;
  #at = 0;

  constructor(text: string, around: Surroundings) {
    this.#tokens = tokensOf(text);
    this.#functions = functionsOf(around);
  }

  whole(): unknown {
    const value = this.#value();
    if (this.#at < this.#tokens.length) throw new Error('The expression goes on where it should end.');
    return value;
  }

  #value(): unknown {
    const token = this.#tokens[this.#at++];
    if (token === undefined || token.kind === 'symbol') throw new Error('The expression lacks a value.');
    let value = token.kind === 'name' ? this.#call(token.value) : token.value;
    for (;;) {
      if (this.#takes('.')) value = memberOf(value, asText(this.#tokens[this.#at++]?.value));
      else if (this.#takes('[')) {
        value = memberOf(value, asText(this.#value()));
        this.#expect(']');
      } else return value;
    }
  }

  #call(name: string): unknown {
    const call = Object.hasOwn(this.#functions, name) ? this.#functions[name] : undefined;
    if (call === undefined) throw new Error(`The function '${name}' is not known here.`);
    this.#expect('(');
    const values: unknown[] = [];
    while (!this.#takes(')')) {
      values.push(this.#value());
      if (!this.#takes(',')) {
        this.#expect(')');
        break;
      }
    }
    return call(values);
  }

  #takes(symbol: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'symbol' || token.value !== symbol) return false;
    this.#at++;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#takes(symbol)) throw new Error(`The expression lacks a '${symbol}'.`);
  }
}

/** The value with every expression in it evaluated. `[[` stands for a leading bracket. Throws one sentence. */
export function evaluate(value: unknown, around: Surroundings): unknown {
  if (typeof value === 'string') {
    if (value.startsWith('[[')) return value.slice(1);
    return value.startsWith('[') && value.endsWith(']') ? new Reader(value.slice(1, -1), around).whole() : value;
  }
  if (Array.isArray(value)) return value.map((entry: unknown) => evaluate(entry, around));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, evaluate(entry, around)]));
}
