// Endpoints as they are written in settings and documents.
// It must not resolve or call them.
import * as z from 'zod';

/** Names of this machine, as `URL` writes them. */
export const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** An https URL without credentials, query and fragment: those carry secrets or mean a copying error. */
function parseHttps(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPlain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return url.protocol === 'https:' && isPlain && !/[?#]/.test(text) ? url : undefined;
}

const REMEDY = 'Write an https URL without user, query and fragment';

function urlSchema(remedy: string, read: (url: URL) => string | undefined): z.ZodType<string> {
  return z.string().transform((text, context) => {
    const url = parseHttps(text);
    const result = url === undefined ? undefined : read(url);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: remedy });
    return z.NEVER;
  });
}

/** A page of a site; headings are linked to with a fragment. */
export const documentSchema = urlSchema(`${REMEDY}.`, (url) => url.href);

/** `https://host[:port]`, lower-cased, no trailing slash; a path is refused. */
export const originSchema = urlSchema(`${REMEDY}, and without a path.`, (url) =>
  url.pathname === '/' ? url.origin : undefined,
);

/** `https://host[:port][/path]`, no trailing slash. */
export const endpointSchema = urlSchema(`${REMEDY}.`, (url) => `${url.origin}${url.pathname}`.replace(/\/+$/, ''));

/** An origin on this machine. */
export const loopbackOriginSchema = urlSchema(
  'Only `localhost`, `127.0.0.1` and `[::1]` can be a local Azure.',
  (url) => (url.pathname === '/' && LOOPBACK.test(url.hostname) ? url.origin : undefined),
);
