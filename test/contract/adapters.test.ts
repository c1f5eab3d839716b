// The adapters with the real SDK clients keep the same contract over the wire.
import { afterAll, beforeAll } from 'vitest';
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
import { startWire, type Wire } from './wire.ts';

const KINDS = [
  'TextAnalytics',
  'OpenAI',
  'AIServices',
  'SpeechServices',
  'TextTranslation',
  'FormRecognizer',
  'CognitiveServices',
];

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.close());

const makeHarness: MakeHarness = (options) => wire.makeHarness(options);

describeKeysContract('over the wire', makeHarness);
describeKeysContract('over the wire, of a search service', makeHarness, 'Search');
describeAmbiguousProbesContract('over the wire', makeHarness, 'Search');
describeSecretsContract('over the wire', makeHarness);
describeAnnouncementsContract('over the wire', makeHarness);
describeProbesContract('over the wire', makeHarness, KINDS);
describeRecordsContract('over the wire', makeHarness);
describeNamesakesContract('over the wire', makeHarness);
describeHistoryContract('over the wire', makeHarness);
describeRequestsContract('over the wire', makeHarness);
describePauseContract('over the wire', makeHarness);
describeRetentionContract('over the wire', makeHarness);
describeConfiguredContract('over the wire', makeHarness);
describeStoreLimitsContract('over the wire', makeHarness);
describeCampaignsContract('over the wire', () => ({
  campaigns: wire.campaigns,
  listDue: async (now) => (await wire.ports.records.listDue(now)).campaigns,
}));
