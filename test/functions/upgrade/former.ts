// The last release, as it is kept: its fleet in the middle of everything, and its code.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Archive } from './archive-format.ts';
import type { ReleaseStage } from './stage.ts';

/** The release that an installation upgrades from. */
const LAST = '0.1.0';
const fileOf = (name: string): Promise<Buffer> =>
  readFile(new URL(`../fixtures/release-${LAST}/${name}`, import.meta.url));

/** What the code of a release can do here. */
export interface Release {
  load(archive: Archive): Promise<ReleaseStage>;
}

export interface Former {
  readonly archive: Archive;
  readonly release: Release;
}

export async function loadFormer(): Promise<Former> {
  const folder = await mkdtemp(join(tmpdir(), 'former-'));
  try {
    const code = join(folder, 'service.mjs');
    await writeFile(code, gunzipSync(await fileOf('service.mjs.gz')));
    const module = (await import(pathToFileURL(code).href)) as { readonly ReleaseStage: Release };
    return { archive: JSON.parse(String(await fileOf('archive.json'))) as Archive, release: module.ReleaseStage };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
