// Tables and queues of a storage account keep the kind of key that the account was made with. Source: learn.microsoft.com,
// "Create an account that supports customer-managed keys for tables and queues": the scope of the key cannot be changed.
import { z } from 'zod';
import type { PlannedResource } from '../expand.ts';
import type { Planned } from './planned.ts';

const SERVICES = ['table', 'queue'] as const;
const keyType = z.object({ keyType: z.enum(['Account', 'Service']) });
const storage = z.object({
  encryption: z.object({ services: z.object({ table: keyType, queue: keyType }).partial() }).nullish(),
});

function keyTypeOf({ properties }: PlannedResource, service: (typeof SERVICES)[number]): string {
  return storage.parse(properties).encryption?.services[service]?.keyType ?? 'Service';
}

/** A template that leaves the kind out changes nothing. */
export function refuseStorageEncryption({ resources, present }: Planned): string | undefined {
  for (const account of resources.filter(({ type }) => type === 'Microsoft.Storage/storageAccounts')) {
    const former = present.get(account.id.toLowerCase());
    if (former === undefined || (storage.parse(account.properties).encryption ?? undefined) === undefined) continue;
    const changed = SERVICES.find((service) => keyTypeOf(account, service) !== keyTypeOf(former, service));
    if (changed !== undefined) return `${account.name}: the encryption key type of ${changed} cannot be changed.`;
  }
  return undefined;
}
