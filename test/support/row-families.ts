// Every kind of row of the table, by the form of its key. docs/retention.md has a row for each, and the fleet that
// lives for ten years makes each of them.
const HASH = '[0-9a-f]{32}';

/** `H` is the hash of an account's id, `N` of its name, `…` any other part. */
const FAMILIES = [
  'a|H|0',
  'a|H|req|…',
  'a|H|ack|…',
  'a|H|holders',
  'a|H|pause',
  'a|campaign|…|run',
  'a|discovery',
  'a|ticks',
  'c|…',
  'd|H',
  'd|failures',
  'd|names',
  'h|H|…',
  'k|H',
  'n|N|H',
  'm|…',
  'o|H|…',
  'r|H|…',
  's|H',
  'x|H|…',
] as const;

export const ROW_FAMILIES: readonly string[] = FAMILIES;

const FORMS = FAMILIES.map((family) => ({
  family,
  form: new RegExp(
    `^${family
      .replaceAll('|', '\\|')
      .replaceAll(/\b[HN]\b/g, HASH)
      .replace('…', '.+')}$`,
  ),
}));

/** Throws for a key that has no family: such rows would never be looked at. */
export function familyOf(key: string): string {
  const [found] = FORMS.filter(({ form }) => form.test(key));
  if (found === undefined) throw new Error(`No family of rows has keys like ${key}.`);
  return found.family;
}
