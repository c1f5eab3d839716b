// The harmless calls that prove a key of one account, made from the table of kinds.
// It must not send or judge anything.
import type { Cloud } from '../../config/cloud.ts';
import type { ProbeVersions } from '../../config/probe-versions.ts';
import type { AccountDetails } from '../../operators/check/ports.ts';
import { findKind, proofOf } from './find-kind.ts';
import { baseOf } from './hosts.ts';
import { type ProofCall, TOKEN_EXCHANGE } from './kinds.ts';

export interface ProbeCall
  extends Pick<ProofCall, 'method' | 'keyHeader' | 'body' | 'takesEntra' | 'ambiguousStatuses'> {
  /** Absolute. */
  readonly url: string;
}

export interface ProbeOptions {
  readonly cloud: Cloud;
  readonly versions: ProbeVersions;
}

/** The same call in each version that may be tried, in order. Empty for a kind without a call that proves a key. */
export function probeCallsOf(details: AccountDetails, options: ProbeOptions): readonly ProbeCall[] {
  const proof = proofOf(details.kind);
  return proof.state === 'none' ? [] : callsOf(proof.call, details, options);
}

/** The exchange of the key for a token. Empty for kinds without a documented one. */
export function tokenCallsOf(details: AccountDetails, options: ProbeOptions): readonly ProbeCall[] {
  const isExchanged = findKind(details.kind)?.tokenExchange !== undefined;
  return isExchanged ? callsOf(TOKEN_EXCHANGE, details, options) : [];
}

function callsOf(
  { method, path, keyHeader, body, takesEntra, ambiguousStatuses, api }: ProofCall,
  details: AccountDetails,
  { cloud, versions }: ProbeOptions,
): readonly ProbeCall[] {
  const base = baseOf(details, cloud);
  return versions[api].map((version) => ({
    method,
    url: new URL(path.replace('{version}', version), base).href,
    keyHeader,
    takesEntra,
    ...(body === undefined ? {} : { body }),
    ...(ambiguousStatuses === undefined ? {} : { ambiguousStatuses }),
  }));
}
