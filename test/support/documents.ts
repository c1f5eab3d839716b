// Reads the documents for tests that hold them against the code.
import { readFileSync } from 'node:fs';

/** A document as it stands, with its lines: for tables, headings and blocks of code. `path` is from the repository. */
export function readDocument(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/** A text with every run of white space as one space: for sentences, which may be wrapped anywhere. */
export function asProse(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
