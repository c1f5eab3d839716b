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
