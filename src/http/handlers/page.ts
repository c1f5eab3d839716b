// Serves the status page, one HTML file made by the build, under a policy that lets nothing else run or be reached.
// It must not put data into the page: the page asks the API for it.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { Refusal } from '../../base/refusal.ts';
import type { Call } from '../call.ts';

/** Next to the folders of entry files and chunks. */
const FILE = new URL('../page/index.html', import.meta.url);

export interface Page {
  readonly html: string;
  readonly compressed: Uint8Array;
  readonly etag: string;
  readonly policy: string;
}

let page: Page | undefined;

export async function showPage({ request }: Call): Promise<HttpResponseInit> {
  page ??= await preparePage(await readPage());
  return answerPage(page, request.headers);
}

async function readPage(): Promise<string> {
  try {
    return await readFile(FILE, 'utf8');
  } catch {
    const remedy = 'Deploy the zip that npm run package makes, or run npm run build.';
    throw new Refusal('unknown-resource', 'The status page is not part of this deployment.', remedy);
  }
}

/** Prepares `html` for serving, once. The policy names scripts and styles by their hashes: no other runs. */
export async function preparePage(html: string): Promise<Page> {
  const hashesOf = (tag: 'script' | 'style'): string =>
    [...html.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))]
      .map(([, content = '']) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`)
      .join(' ');
  const policy = [
    "default-src 'none'",
    `script-src ${hashesOf('script')}`,
    `style-src ${hashesOf('style')}`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  const digest = createHash('sha256').update(html).digest('base64url').slice(0, 22);
  return { html, compressed: await promisify(gzip)(html, { level: 9 }), etag: `"${digest}"`, policy };
}

/** The page, compressed if the caller accepts that; 304 if the caller has it already. */
export function answerPage(
  { html, compressed, etag, policy }: Page,
  headers: Pick<HttpRequest['headers'], 'get'>,
): HttpResponseInit {
  const shared = {
    'Content-Security-Policy': policy,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': 'no-cache',
    ETag: etag,
    Vary: 'Accept-Encoding',
  };
  // A proxy that compresses marks the tag as weak; the content is the same.
  const known = headers.get('if-none-match')?.split(/\s*,\s*/) ?? [];
  if (known.some((tag) => tag.replace(/^W\//, '') === etag)) return { status: 304, headers: shared };
  const type = { 'Content-Type': 'text/html; charset=utf-8' };
  if (!/\bgzip\b/.test(headers.get('accept-encoding') ?? '')) {
    return { status: 200, headers: { ...shared, ...type }, body: html };
  }
  return { status: 200, headers: { ...shared, ...type, 'Content-Encoding': 'gzip' }, body: compressed };
}
