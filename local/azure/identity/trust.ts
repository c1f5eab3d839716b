// Makes a running process trust a local Azure. A new process uses `NODE_EXTRA_CA_CERTS` instead.
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { LocalAzure } from '../local-azure.ts';

/** Adds the certificate to those that this process's TLS clients trust. Call it before the first request. */
export function trustLocalAzure(azure: Pick<LocalAzure, 'caFile'>): void {
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(azure.caFile, 'utf8')]);
}
