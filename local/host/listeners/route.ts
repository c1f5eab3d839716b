// Matches a path against a function's route template: literals, `{x}`, `{x:constraint}`, `{x?}`, `{x=default}` and
// `{*rest}`. It must not choose between functions. Literals match without regard to case, as in ASP.NET.

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'parameter';
      readonly name: string;
      readonly isOptional: boolean;
      readonly isCatchAll: boolean;
      readonly fallback: string | undefined;
      readonly accepts: (value: string) => boolean;
    };

export type RouteParameters = Readonly<Record<string, string>>;

/** The parameters of `path` if it matches, else undefined. `path` is still percent-encoded. */
export type Route = (path: string) => RouteParameters | undefined;

const CONSTRAINTS: Readonly<Record<string, RegExp>> = {
  int: /^-?\d{1,10}$/,
  long: /^-?\d{1,19}$/,
  alpha: /^[a-z]*$/i,
  bool: /^(true|false)$/i,
  guid: /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i,
};

/** Unknown constraints are tolerated: they accept everything. */
function parseConstraints(names: readonly string[]): (value: string) => boolean {
  const patterns = names.map((name) => CONSTRAINTS[name.toLowerCase()]).filter((pattern) => pattern !== undefined);
  return (value) => patterns.every((pattern) => pattern.test(value));
}

function parseSegment(text: string): Segment {
  const inner = /^\{(\*{0,2})([^{}]*)\}$/.exec(text);
  if (inner === null) {
    if (/[{}]/.test(text)) throw new Error(`The route segment "${text}" mixes text and parameter.`);
    return { kind: 'literal', text: text.toLowerCase() };
  }
  const [, stars = '', body = ''] = inner;
  const [head = '', fallback] = body.split('=', 2);
  const isOptional = head.endsWith('?');
  const [name = '', ...constraints] = (isOptional ? head.slice(0, -1) : head).split(':');
  if (name === '') throw new Error(`The route segment "${text}" names no parameter.`);
  return {
    kind: 'parameter',
    name,
    isOptional: isOptional || fallback !== undefined,
    isCatchAll: stars !== '',
    fallback,
    accepts: parseConstraints(constraints),
  };
}

/** A template may have slashes at both ends. */
function splitTemplate(template: string): string[] {
  return template.split('/').filter((part) => part !== '');
}

/** The parts of a path. One slash at the end is ignored; an empty part matches nothing, as in the real host. */
function split(path: string): string[] {
  const trimmed = path.replace(/^\//, '').replace(/\/$/, '');
  return trimmed === '' ? [] : trimmed.split('/');
}

/** One character as its UTF-8 bytes are escaped: a first byte, then the bytes that continue it. */
const ESCAPED = /%(?:[0-7][\da-f]|[c-f][\da-f](?:%[89ab][\da-f])+)/gi;

/** As in the real host: an encoded slash, and what is no escape of a character, stay as they were sent. */
function decode(text: string): string {
  return text.replace(ESCAPED, (escaped) => {
    if (escaped.toLowerCase() === '%2f') return escaped;
    try {
      return decodeURIComponent(escaped);
    } catch {
      return escaped;
    }
  });
}

function match(segments: readonly Segment[], parts: readonly string[]): RouteParameters | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index];
    if (segment.kind === 'literal') {
      if (part === undefined || decode(part).toLowerCase() !== segment.text) return undefined;
      continue;
    }
    if (segment.isCatchAll) {
      const rest = decode(parts.slice(index).join('/'));
      if (rest !== '') parameters[segment.name] = rest;
      return parameters;
    }
    if (part === '') return undefined;
    const value = part === undefined ? segment.fallback : decode(part);
    if (value !== undefined && (part === undefined || segment.accepts(value))) parameters[segment.name] = value;
    else if (part !== undefined || !segment.isOptional) return undefined;
  }
  return parts.length > segments.length ? undefined : parameters;
}

/** Compiles a template with the prefix before it. Throws when this host does not understand the template. */
export function compileRoute(prefix: string, template: string): Route {
  const segments = splitTemplate(`${prefix}/${template}`).map(parseSegment);
  return (path) => match(segments, split(path));
}
