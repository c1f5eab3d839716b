// The certificate of the HTTPS servers: self-signed for this machine's loopback names, new for each run.
// Clients trust it through `NODE_EXTRA_CA_CERTS` or `trustLocalAzure`; verification is never switched off.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** PEM file with the certificate. */
  readonly caFile: string;
}

/** Valid for `localhost`, `127.0.0.1`, `::1` and `names` for a year; the key stays in memory. */
export async function createCertificate(folder: string, names: readonly string[] = []): Promise<Certificate> {
  // A unique name: a process that trusts several certificates finds the right one by its name.
  const name = `Local Azure ${randomBytes(8).toString('hex')}`;
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
          ...names.map((value) => ({ type: 2 as const, value })),
        ],
      },
    ],
  });
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, made.cert);
  return { key: made.private, cert: made.cert, caFile };
}
