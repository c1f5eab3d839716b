// Serves the host's own endpoints: its status, and the manual run of a function. It must not run HTTP functions: they
// have routes of their own.

import { HOST_VERSION } from '../app/core-module.ts';
import type { AccessCheck } from './access-keys.ts';
import type { WebAnswer, WebHandler, WebRequest } from './web-server.ts';

/** Starts a function with the caller's text as its input; must not reject. */
export type ManualRun = (input: string) => Promise<unknown>;

function json(status: number, value: unknown): WebAnswer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(value) };
}

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
    const [admin, area, name, ...rest] = request.url.pathname.toLowerCase().split('/').filter(Boolean);
    if (admin !== 'admin') return undefined;
    if (!isAllowed(request, 'admin')) return { status: 401 };
    if (rest.length > 0 || name === undefined) return { status: 404 };
    if (area === 'host' && name === 'status' && request.method === 'GET') {
      return json(200, { state: 'Running', version: HOST_VERSION });
    }
    const run = area === 'functions' && request.method === 'POST' ? manual.get(name) : undefined;
    if (run === undefined) return { status: 404 };
    const input = readInput(request);
    if (input === undefined) return { status: 400, body: 'The body must be JSON such as {"input":""}.' };
    // Accepted, not awaited: the outcome is in the log.
    void run(input);
    return { status: 202 };
  };
}
