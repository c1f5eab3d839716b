// Address rules of an account: a default, and the ranges that are let in when the default is to deny.
import { BlockList, isIPv4 } from 'node:net';

export interface NetworkRules {
  readonly defaultAction: 'Allow' | 'Deny';
  /** IPv4 addresses, or ranges such as `198.51.100.0/24`. */
  readonly ipRules: readonly string[];
}

/** Azure takes only public ranges, because no other address ever reaches it. */
const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

function splitRange(range: string): readonly [address: string, bits: number] | undefined {
  const [address = '', bits, ...rest] = range.split('/');
  if (!isIPv4(address) || rest.length > 0) return undefined;
  if (bits === undefined) return [address, 32];
  return /^\d{1,2}$/.test(bits) && Number(bits) <= 32 ? [address, Number(bits)] : undefined;
}

function isWithin(ranges: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const parts = splitRange(range);
    if (parts !== undefined) list.addSubnet(...parts);
  }
  return list.check(address);
}

/** Whether Azure takes this text as a rule. */
export function isPublicRange(range: string): boolean {
  const parts = splitRange(range);
  return parts !== undefined && !isWithin(PRIVATE_RANGES, parts[0]);
}

export function letsIn({ defaultAction, ipRules }: NetworkRules, address: string): boolean {
  return defaultAction === 'Allow' || isWithin(ipRules, address);
}
