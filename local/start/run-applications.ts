// The process of the sample applications. Its parent sends their options, and it ends when its parent ends. It takes
// events at a webhook of its own, like an application that subscribes to the vault's events.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Application, type ApplicationOptions, createApplication } from './application.ts';

const BODY_BYTES_MAXIMUM = 1024 * 1024;
const end = new AbortController();
let isRunning = false;
for (const event of ['disconnect', 'SIGTERM']) {
  process.once(event, () => {
    // Before they run, the applications look for their keys. That takes minutes when nothing answers any more.
    if (!isRunning) process.exit(0);
    end.abort();
  });
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAXIMUM) throw new Error('The event is too long.');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
}

/** Listens for events; returns the port. */
async function listen(applications: readonly Application[]): Promise<number> {
  const server = createServer((request, response) => {
    const take = async (): Promise<string> => {
      const body = await readBody(request);
      const events = Array.isArray(body) ? (body as unknown[]) : [body];
      if (request.headers['aeg-event-type'] === 'SubscriptionValidation') {
        const [event] = events as { data?: { validationCode?: string } }[];
        return JSON.stringify({ validationResponse: event?.data?.validationCode });
      }
      for (const application of applications) for (const event of events) await application.notify(event);
      return '';
    };
    take().then(
      (answer) => response.end(answer),
      () => response.writeHead(500).end(),
    );
  });
  end.signal.addEventListener('abort', () => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function start(options: readonly ApplicationOptions[]): Promise<void> {
  const applications = await Promise.all(options.map(createApplication));
  const eventPort = await listen(applications);
  isRunning = true;
  process.send?.({ eventPort });
  await Promise.all(applications.map((application) => application.run(end.signal)));
  process.exit(0);
}

process.once('message', (options: readonly ApplicationOptions[]) => {
  start(options).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : 'unknown';
    process.stderr.write(`A sample application could not start: ${message}\n`);
    process.exit(1);
  });
});
