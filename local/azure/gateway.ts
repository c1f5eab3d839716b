// Brings clients that know only Azure's own names to the servers of this local Azure. It is an HTTP proxy that takes
// `CONNECT` for those names and forwards the bytes. TLS stays between client and server, so the client checks the
// certificate for the name that it asked for. It must not reach anything but the given servers: it refuses any other
// name, and any name that no resource here has.
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Places } from './places.ts';
import { isTaken, type NamedService, serviceOf } from './public-names.ts';

export interface Gateway {
  /** For `HTTPS_PROXY`. */
  readonly url: string;
  /** Ports by service; may be filled after the start. */
  readonly ports: Map<NamedService, number>;
  close(): Promise<void>;
}

const HTTPS_PORT = '443';

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}

export async function startGateway(port: number, places: Places): Promise<Gateway> {
  const ports = new Map<NamedService, number>();
  const open = new Set<Duplex>();
  const keep = (socket: Duplex): void => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  const server = createServer((_, response) => {
    response.writeHead(403).end('Only CONNECT to the names of Azure.\n');
  });
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    keep(client);
    client.on('error', () => client.destroy());
    const [host = '', asked] = (request.url ?? '').split(':');
    const service = asked === HTTPS_PORT ? serviceOf(host) : undefined;
    const target = service !== undefined && isTaken(host, service, places) ? ports.get(service) : undefined;
    if (target === undefined) {
      refuse(client, service === undefined ? '403 Forbidden' : '502 Bad Gateway');
      return;
    }
    // The address of the client, so that address rules see it.
    const { remoteAddress: localAddress = '127.0.0.1' } = request.socket;
    const upstream: Socket = connect({ port: target, host: '127.0.0.1', localAddress }, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      if (head.length > 0) upstream.write(head);
      upstream.pipe(client);
      client.pipe(upstream);
    });
    keep(upstream);
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ports,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
