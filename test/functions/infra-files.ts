// Reads what the tests of infra/ hold against the code: the text of files, and the Bicep that may be deployed.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

export function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

/** Names of the files under `folder` that end like `suffix`, relative to the repository. */
export function filesIn(folder: string, suffix: string): readonly string[] {
  const names = readdirSync(fileURLToPath(new URL(folder, root)), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith(suffix)).map((name) => `${folder}/${name}`);
}

/** The Bicep under infra/ without comments, by file. */
export const BICEP: ReadonlyMap<string, string> = new Map(
  filesIn('infra', '.bicep').map((path) => [path, read(path).replace(/^\s*\/\/.*$/gm, '')]),
);

/** All matches of the first group, sorted, each once. */
export function findAll(text: string, pattern: RegExp): readonly string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, found]) => found ?? ''))].toSorted();
}
