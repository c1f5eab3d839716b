// The in-memory ports keep the contract: the simulator may trust them.
import { MemoryCampaigns } from '../../local/azure/memory/memory-campaigns.ts';
import { createMemoryPorts } from '../../local/azure/memory/memory-ports.ts';
import { createRealNature } from '../../local/azure/world/real-nature.ts';
import { World } from '../../local/azure/world/world.ts';
import type { AccountId } from '../../src/rotation/model.ts';
import { buildAccount, TEST_RESOURCE_GROUP, TEST_SUBSCRIPTION } from '../support/account.ts';
import { describeAmbiguousProbesContract } from './suites/ambiguous-probes.ts';
import { describeAnnouncementsContract } from './suites/announcements.ts';
import { describeCampaignsContract } from './suites/campaigns.ts';
import { describeConfiguredContract } from './suites/configured.ts';
import type { MakeHarness } from './suites/harness.ts';
import { describeHistoryContract } from './suites/history.ts';
import { describeKeysContract } from './suites/keys.ts';
import { describeNamesakesContract } from './suites/namesakes.ts';
import { describePauseContract } from './suites/pause.ts';
import { describeProbesContract } from './suites/probes.ts';
import { describeRecordsContract } from './suites/records.ts';
import { describeRequestsContract } from './suites/requests.ts';
import { describeRetentionContract } from './suites/retention.ts';
import { describeSecretsContract } from './suites/secrets.ts';
import { describeStoreLimitsContract } from './suites/store-limits.ts';

const makeHarness: MakeHarness = ({ kind = 'TextAnalytics' } = {}) => {
  const world = new World(createRealNature());
  const { id } = world.addAccount({
    subscriptionId: TEST_SUBSCRIPTION,
    resourceGroup: TEST_RESOURCE_GROUP,
    name: 'language',
    kind,
    location: 'westeurope',
    keyShape: 'hex32',
  });
  const account = buildAccount('language', { id: id.toLowerCase() as AccountId });
  const ports = createMemoryPorts(world);
  return Promise.resolve({
    ports,
    account,
    world,
    putReference: (reference) => {
      const value = reference === 'malformed' ? 'not a reference' : 'https://vault.test/secrets/another/0123';
      world.store.set(account.referenceKey, null, { value });
    },
    corruptRecord: () => {
      ports.records.corrupt(account.id, 'made unreadable by the test');
      return Promise.resolve();
    },
  });
};

const memoryCampaigns = new MemoryCampaigns();

describeKeysContract('in memory', makeHarness);
describeKeysContract('in memory, of a search service', makeHarness, 'Search');
describeAmbiguousProbesContract('in memory', makeHarness, 'Search');
describeSecretsContract('in memory', makeHarness);
describeAnnouncementsContract('in memory', makeHarness);
describeProbesContract('in memory', makeHarness, ['TextAnalytics']);
describeRecordsContract('in memory', makeHarness);
describeNamesakesContract('in memory', makeHarness);
describeHistoryContract('in memory', makeHarness);
describeRequestsContract('in memory', makeHarness);
describePauseContract('in memory', makeHarness);
describeRetentionContract('in memory', makeHarness);
describeConfiguredContract('in memory', makeHarness);
describeStoreLimitsContract('in memory', makeHarness);
describeCampaignsContract('in memory', () => ({ campaigns: memoryCampaigns }));
