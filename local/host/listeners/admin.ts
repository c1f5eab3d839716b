// Serves the host's own endpoints: its status, and the manual run of a function of any kind.

import { HOST_VERSION } from '../app/core-module.ts';
import type { AccessCheck } from './access-keys.ts';
import type { WebAnswer, WebHandler, WebRequest } from './web-server.ts';

/** Starts a function with the caller's text as its input; must not reject. */
export type ManualRun = (input: string) => Promise<unknown>;

function json(status: number, value: unknown): WebAnswer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(value) };
}

/** What the real host reads as JSON; it answers 415 to any other type. */
const JSON_TYPE = /^(?:application\/(?:[^;]+\+)?json|text\/json)\s*(?:;|$)/i;

function readInput({ body }: WebRequest): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    const input =
      typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>)['input'] : undefined;
    return input === undefined ? '' : typeof input === 'string' ? input : JSON.stringify(input);
  } catch {
    return undefined;
  }
}

/** `manual`: the functions that can be run by hand, by lower-case name. */
export function createAdminHandler(manual: ReadonlyMap<string, ManualRun>, isAllowed: AccessCheck): WebHandler {
  return (request) => {
    const [admin, area, name, ...rest] = request.url.pathname.toLowerCase().slice(1).split('/');
    if (admin !== 'admin') return undefined;
    if (!isAllowed(request, 'admin')) return { status: 401 };
    if (rest.length > 0 || name === undefined) return { status: 404 };
    if (area === 'host' && name === 'status' && request.method === 'GET') {
      return json(200, { state: 'Running', version: HOST_VERSION });
    }
    if (area !== 'functions' || request.method !== 'POST') return { status: 404 };
    if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) return { status: 415 };
    const input = readInput(request);
    if (input === undefined) return { status: 400, body: 'The body must be JSON such as {"input":""}.' };
    const run = manual.get(name);
    if (run === undefined) return { status: 404 };
    // Accepted, not awaited: the outcome is in the log.
    void run(input);
    return { status: 202 };
  };
}
