// Answers the root of the app with the real host's landing page. A function whose route is the root comes first.
import type { Settings } from '../settings.ts';
import type { WebHandler } from './web-server.ts';

/** The page is short here: only its status and content type are those of the real host. */
const PAGE =
  '<!DOCTYPE html><html lang="en"><title>Functions</title><p>Your Functions host is up and running.</p></html>';

export function createLandingPage(settings: Settings): WebHandler {
  return ({ url }) => {
    if (url.pathname !== '/') return undefined;
    if (settings['AzureWebJobsDisableHomepage']?.toLowerCase() === 'true') return { status: 204 };
    return { status: 200, headers: { 'content-type': 'text/html' }, body: PAGE };
  };
}
