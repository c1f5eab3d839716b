// The ports of the servers: a row from a base, or free ones.
import { type AddressInfo, createServer } from 'node:net';

/** A port that is free now. Another process may take it before it is used. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Returns the next port of the row at each call; without a base always 0 (a free port). */
export function portRow(base: number | undefined): () => number {
  let next = base;
  return () => {
    if (next === undefined) return 0;
    next += 1;
    return next - 1;
  };
}

/** Rejects with one sentence when a port is taken. `flag` chooses another one. */
export async function requireFreePorts(ports: readonly number[], flag: string): Promise<void> {
  for (const port of ports) {
    if (await isFree(port)) continue;
    throw new Error(`Port ${port} is taken. End the program that listens there, or choose another port with ${flag}.`);
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
