// A receiver of notifications over HTTP that verifies every signature by the words of the specification, and answers as
// it is told. It must not use the code under test.
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly event: { id: string; type: string; subject: string; data: Record<string, unknown> };
  readonly body: string;
  readonly isSigned: boolean;
}

/** What to do with the next request: a status, with headers, or `cut` the connection, or never answer. */
export type Answer = { status: number; headers?: Record<string, string> } | 'cut' | 'silent';

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Used up in order; then everything is taken with 204. */
  readonly answers: Answer[];
  close(): Promise<void>;
}

export async function startReceiver(secret: string): Promise<Receiver> {
  const received: Received[] = [];
  const answers: Answer[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { headers } = request;
      const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
      const expected = `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`;
      const event = JSON.parse(body) as Received['event'];
      received.push({ headers, event, body, isSigned: headers['webhook-signature'] === expected });
      const answer = answers.shift() ?? { status: 204 };
      if (answer === 'silent') return;
      if (answer === 'cut') request.socket.destroy();
      else response.writeHead(answer.status, answer.headers).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook/not-to-be-shown?code=neither`,
    received,
    answers,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
