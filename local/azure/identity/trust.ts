// Lets a process that is already running trust a local Azure; a new process takes `NODE_EXTRA_CA_CERTS` instead.
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { LocalAzure } from '../local-azure.ts';

/** Adds the certificate to those that every TLS client of this process trusts. Call it before the first request. */
export function trustLocalAzure(azure: Pick<LocalAzure, 'caFile'>): void {
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(azure.caFile, 'utf8')]);
}
