// Reads fields of an event. Any sender may have sent it, and senders differ, so reading is total and lenient: field
// names in any case, stray spaces trimmed, data as an object or as its JSON text. It must not know what an event means.

/** The type of the event in either schema (`eventType` or `type`), in lower case; empty if there is none. */
export function typeOf(event: unknown): string {
  return (textOf(event, 'eventType') ?? textOf(event, 'type') ?? '').toLowerCase();
}

/** Some senders put the data into the event as JSON text. Undefined if there is none. */
export function dataOf(event: unknown): unknown {
  const data = fieldOf(event, 'data');
  if (typeof data !== 'string') return data;
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return undefined;
  }
}

/** A text that is not blank, trimmed. */
export function textOf(holder: unknown, name: string): string | undefined {
  const value = fieldOf(holder, name);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** A field by its name in any case. */
function fieldOf(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null) return undefined;
  const wanted = name.toLowerCase();
  const found = Object.keys(holder).find((key) => key.trim().toLowerCase() === wanted);
  return found === undefined ? undefined : (holder as Readonly<Record<string, unknown>>)[found];
}

export function urlOf(url: string | undefined): URL | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url) : undefined;
}
