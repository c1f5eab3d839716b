// What the page is told of the holders of an account, in the documented shapes. It must not serve anything.
import { OVERLAP } from './page-answers.ts';

const HOUR = 3_600_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

const SITE = '/subscriptions/s-1/resourcegroups/rg/providers/microsoft.web/sites/shop';
export const HOLDERS_VERSION = '0123456789abcdef0123456789abcdef';
const evidence = { version: HOLDERS_VERSION, grade: 'refreshed', at: ago(HOUR) };

/** One that follows, one that nothing reaches, and a resource that could not be looked into. */
export const HOLDERS = {
  isKnown: true,
  searchedAt: ago(2 * HOUR),
  holders: [
    {
      kind: 'appServiceReference',
      resource: SITE,
      name: 'KEY',
      standing: 'follows',
      needsPerson: false,
      readAt: ago(HOUR),
      evidence,
    },
    {
      kind: 'foundryConnection',
      resource: '/subscriptions/s-1/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/hub',
      name: 'own',
      standing: 'otherValue',
      needsPerson: true,
      readAt: ago(HOUR),
    },
  ],
  unseen: [{ resource: '/subscriptions/s-1/resourcegroups/other', cause: 'Access is denied.' }],
  unseenCount: 1,
};

/** The account in its overlap: the holder was seen with the new key, an application has not acknowledged. */
export const HOLDERS_OVERLAP = {
  ...OVERLAP,
  overlap: {
    ...OVERLAP.overlap,
    missingConsumers: ['orders-api'],
    consumers: [{ consumer: `${SITE}#KEY`, acknowledgedAt: ago(HOUR) }, { consumer: 'orders-api' }],
  },
};
