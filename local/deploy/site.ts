// Runs the Function App of a deployment: its package in the local host, behind its own name and TLS. Its settings come
// from the template and from the platform. It must not know the template.
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, type ServerResponse, request as startRequest } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import type { LocalAzure } from '../azure/local-azure.ts';
import { freePort } from '../azure/ports.ts';
import { KEYS_SETTING } from '../host/listeners/access-keys.ts';
import { type Child, startHostProcess } from '../start/children.ts';
import type { FunctionApp } from './deployments.ts';

export interface Site {
  /** `https://<name>.azurewebsites.net`. */
  readonly url: string;
  /** The URL at which Event Grid reaches a function. */
  readonly eventEndpoint: (functionName: string) => string;
  /** Restarts the app with these settings, at the same URL and with the same keys. */
  readonly restart: (settings: FunctionApp['settings']) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface SiteOptions {
  readonly azure: LocalAzure;
  readonly app: FunctionApp;
  /** The deployable zip. */
  readonly packageFile: string;
  /** Each line of the host's log. */
  readonly onLine: (line: string) => void;
}

const TIMEOUT_MS = 60_000;
const newKey = (): string => randomBytes(32).toString('base64url');

async function unpack(file: string, folder: string): Promise<void> {
  for (const [name, content] of Object.entries(unzipSync(await readFile(file)))) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

/** Forwards a request and its answer unchanged. */
function forward(port: number, request: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers } = request;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const outgoing = startRequest({ host: '127.0.0.1', port, method, path: url, headers, agent: false, signal });
  outgoing.once('error', () => response.destroy());
  outgoing.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  request.pipe(outgoing);
}

/** Starts the app. Rejects with one sentence, and leaves nothing behind, when it cannot start. */
export async function startSite({ azure, app, packageFile, onLine }: SiteOptions): Promise<Site> {
  const { gateway } = azure;
  if (gateway === undefined) throw new Error('A site needs a local Azure with public names.');
  const folder = await mkdtemp(join(azure.folder, 'site-'));
  const ends: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
  };
  try {
    await unpack(packageFile, folder);
    const [eventKey, port] = [newKey(), await freePort()];
    const keys = {
      masterKey: newKey(),
      functionKeys: { default: newKey() },
      systemKeys: { eventgrid_extension: eventKey },
    };
    azure.world.hostKeys.set(app.id.toLowerCase(), keys);
    const identity = app.hasIdentity ? azure.identity() : {};
    const platform = { ...azure.network(), ...identity, [KEYS_SETTING]: JSON.stringify(keys) };
    const startHost = (settings: FunctionApp['settings']): Promise<Child> => {
      const environment = { ...settings, ...platform };
      return startHostProcess({ port, environment, appFolder: folder, onLine, isDeployed: true });
    };
    let host = await startHost(app.settings);
    ends.push(() => host.stop());
    const server = createServer(azure.certificate, (request, response) => forward(port, request, response));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    ends.push(
      () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    gateway.ports.set('site', (server.address() as AddressInfo).port);
    return {
      url: `https://${app.hostName}`,
      eventEndpoint: (name) =>
        `http://127.0.0.1:${port}/runtime/webhooks/EventGrid?functionName=${name}&code=${eventKey}`,
      async restart(settings) {
        await host.stop();
        host = await startHost(settings);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
