// Makes a JSON answer. Kept apart from the registration, which imports the programming model. Code that loads later, at
// a first call, must not share a file with it: the bundler would take the model out of the one file that loads first.
import type { HttpResponseInit } from '@azure/functions';

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpResponseInit {
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}
