// Receives the acknowledgements of a client in place of the service.
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';
import { freePort } from '../../local/azure/ports.ts';
import type { ClientProgram } from './client-programs.ts';
import { eventually } from './http-client.ts';

export interface Acknowledgements {
  readonly settings: Record<string, string>;
  /** Every body that was sent. */
  readonly sent: { readonly consumer: string; readonly version: string }[];
  /** From now on each acknowledgement gets this status. */
  status: number;
}

/** Listens until the test ends. */
export async function receiveAcknowledgements({ name }: ClientProgram): Promise<Acknowledgements> {
  const port = await freePort();
  const settings = { ACKNOWLEDGE_URL: `http://127.0.0.1:${port}/`, ACKNOWLEDGE_AS: name };
  const received: Acknowledgements = { settings, sent: [], status: 200 };
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      received.sent.push(body as Acknowledgements['sent'][number]);
      response.writeHead(received.status).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return received;
}

/** An acknowledged version is in use. */
export async function untilAcknowledged(
  { sent }: Acknowledgements,
  { name }: ClientProgram,
  version: string,
): Promise<void> {
  const last = await eventually(
    () => Promise.resolve(sent.at(-1)),
    (body) => body?.version === version,
  );
  expect(last).toEqual({ consumer: name, version });
}
