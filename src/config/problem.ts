// A problem of a setting or a document, for the operator who has to correct it.
// It must not show anything that may be a secret: a connection string or key pasted into the wrong place stays unseen.
import type * as z from 'zod';
import type { Answer } from '../base/answer.ts';
import { visible } from '../base/free-text.ts';
import type { configurationProblem } from './problem-answer.ts';

export type Problem = Answer<typeof configurationProblem>;

/** Expectation and remedy are the same for every problem of a setting or field. */
export type Guide = Pick<Problem, 'expected' | 'remedy'>;

const FOUND_LENGTH = 80;
const NAME_LENGTH = 200;
/**
 * Marks of connection strings, of URLs with credentials or signatures, and of client secrets. Also runs as long as the
 * shortest key. Runs with a slash must be longer: they may belong to a resource id.
 */
const MAY_BE_SECRET = /[;=@?~]|[A-Za-z0-9]{32,}|[A-Za-z0-9+/]{64,}/;

function shorten(text: string, length: number): string {
  const printable = visible(text);
  return printable.length <= length ? printable : `${printable.slice(0, length - 1)}…`;
}

/** The `found` of a problem, to be spread into it. */
export function found(value: unknown): Pick<Problem, 'found'> {
  if (value === undefined) return {};
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return MAY_BE_SECRET.test(text) ? {} : { found: shorten(text, FOUND_LENGTH) };
}

/** A name from outside, fit to be shown: a secret pasted in its place is not shown. */
export function shownName(name: string): string {
  return MAY_BE_SECRET.test(name) ? '(not shown)' : shorten(name, NAME_LENGTH);
}

export function quoteList(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

export interface GuidedFields {
  readonly guides: Readonly<Record<string, Guide>>;
  /** Of the whole document, for a value that is no object at all. */
  readonly whole: Guide;
  /** The name of a field in a problem. */
  nameOf(field: string): string;
  /** Fields whose value is never shown. */
  readonly secrets?: readonly string[];
}

/**
 * One problem per field that zod objects to, anywhere within it, and one per unknown field. A message of our own (issue
 * code `custom`) says more than the field's guide and replaces its remedy.
 */
export function problemsOf(error: z.ZodError, input: unknown, fields: GuidedFields): readonly Problem[] {
  const problems = new Map<string, Problem>();
  const values = new Map<string, unknown>(typeof input === 'object' && input !== null ? Object.entries(input) : []);
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
      for (const field of issue.keys) problems.set(field, unknownField(field, fields));
      continue;
    }
    const [field] = issue.path;
    const guide = typeof field === 'string' ? fields.guides[field] : undefined;
    if (typeof field !== 'string' || guide === undefined) {
      problems.set('', { setting: fields.nameOf(''), ...fields.whole, ...found(input) });
    } else if (!problems.has(field)) {
      const remedy = issue.code === 'custom' ? issue.message : guide.remedy;
      problems.set(field, {
        setting: fields.nameOf(field),
        expected: guide.expected,
        remedy,
        ...(fields.secrets?.includes(field) === true ? {} : found(values.get(field))),
      });
    }
  }
  return [...problems.values()];
}

function unknownField(field: string, fields: GuidedFields): Problem {
  return {
    setting: fields.nameOf(''),
    expected: `Only the fields ${quoteList(Object.keys(fields.guides))}.`,
    remedy: `Correct the name of the field \`${shownName(field)}\`, or remove it.`,
    ...found(field),
  };
}
