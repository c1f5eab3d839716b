// Takes notifications, verifies them, and passes each on to Teams, Slack or an Event Grid topic, whichever is given.
// It must not answer 2xx before every target has taken one: until then the service keeps it and tries again.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type Notification, slackMessage, teamsMessage } from './messages.ts';
import { isGenuine } from './verify.ts';

export interface RelayOptions {
  readonly secret: string;
  readonly teamsUrl?: string | undefined;
  readonly slackUrl?: string | undefined;
  /** Endpoint of a custom topic whose input schema is CloudEvents, and one of its access keys. */
  readonly eventGrid?: { readonly endpoint: string; readonly key: string } | undefined;
}

const BODY_MAXIMUM = 65_536;
const DEADLINE_MS = 4_000;
const REMEMBERED = 1_000;

export function createRelay(options: RelayOptions): Server {
  // At least once means that one may come twice. A restart forgets; a relay that must not, asks a store.
  const done = new Set<string>();
  return createServer((request, response) => {
    take(request, options, done)
      .catch(() => 502)
      .then((status) => response.writeHead(status).end())
      .catch(() => response.destroy());
  });
}

/** The status to answer. Rejects when a target did not take it. */
async function take(request: IncomingMessage, options: RelayOptions, done: Set<string>): Promise<number> {
  if (request.method !== 'POST') return 405;
  const body = await read(request);
  if (body === undefined) return 413;
  if (!isGenuine(request.headers, body, options.secret, Date.now())) return 401;
  const event = JSON.parse(body) as Notification;
  if (done.has(event.id)) return 204;
  const { teamsUrl, slackUrl, eventGrid } = options;
  if (teamsUrl !== undefined) await post(teamsUrl, teamsMessage(event));
  if (slackUrl !== undefined) await post(slackUrl, slackMessage(event));
  if (eventGrid !== undefined) {
    const headers = { 'Content-Type': 'application/cloudevents+json; charset=utf-8', 'aeg-sas-key': eventGrid.key };
    await post(`${eventGrid.endpoint}?api-version=2018-01-01`, event, headers);
  }
  done.add(event.id);
  for (const oldest of done) if (done.size > REMEMBERED) done.delete(oldest);
  return 204;
}

async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_MAXIMUM) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function post(url: string, message: object, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(message),
    redirect: 'error',
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`The target answered ${response.status}.`);
}
