// One invocation of the function that searches for accounts, and how it fails.

import type { InvocationContext } from '@azure/functions';
import type { DiscoveryParts } from '../fleet/discovery/ports.ts';
import { discover } from '../fleet/discovery/search.ts';
import { type InvocationParts, invoke, requireSettings } from './invocation.ts';

/** Throws when settings, configuration or table cannot be read: the invocation shows as failed. */
export function runDiscovery(parts: DiscoveryParts & InvocationParts, context: InvocationContext): Promise<void> {
  return invoke(parts, context, async (log) => {
    requireSettings(parts, log);
    await discover(parts, log);
  });
}
