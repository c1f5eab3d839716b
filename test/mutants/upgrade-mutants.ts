// Changes of what is stored that an installation in mid-flight would not survive: upwards, or on the way back.
// `find` must stand exactly once in its file, so that the list keeps in step with the code.
import { type AdapterMutant, by } from './adapter-mutant.ts';

const inUpgrade = (test: string) => by('test/functions/upgrade/upgrade.test.ts', test);
const READS = inUpgrade('an upgrade > reads every row of the last release');
const GOES_ON = inUpgrade('goes on with every rotation, request, campaign and notification as the last release would');
const BACK = inUpgrade('the last release > reads every row that the present one has written, and goes on');

export const UPGRADE_MUTANTS: readonly AdapterMutant[] = [
  {
    name: 'raises the schema and cannot read the former',
    file: 'table/rows/record-codec.ts',
    find: 'export const SCHEMA = 1;',
    replace: 'export const SCHEMA = 2;',
    killer: READS,
  },
  {
    name: 'requires a field of the record that the last release did not store',
    file: 'table/rows/record-codec.ts',
    find: 'standby: nonEmpty.optional(),',
    replace: 'standby: nonEmpty.optional(),\n    novelty: nonEmpty,',
    killer: READS,
  },
  {
    name: 'writes a field of the record that the last release does not know',
    file: 'table/rows/record-codec.ts',
    find: '  place: place.optional(),\n',
    replace: '  place: place.optional(),\n  novelty: z.number().default(1),\n',
    killer: BACK,
  },
  {
    name: 'calls the end of a request otherwise',
    file: 'table/rows/request-rows.ts',
    find: '  closedAt: absent(instant),',
    replace: '  endedAt: absent(instant),',
    killer: READS,
  },
  {
    name: 'looks for open requests under another key',
    file: 'table/rows/rows.ts',
    find: "name.startsWith('req|')",
    replace: "name.startsWith('request|')",
    killer: READS,
  },
  {
    name: 'requires an end of each pause',
    file: 'table/rows/rows.ts',
    find: 'z.object({ isPaused: z.literal(true), by',
    replace: 'z.object({ isPaused: z.literal(true), until: instant, by',
    killer: READS,
  },
  {
    name: 'requires a reason of each member of a campaign',
    file: 'table/rows/campaign-rows.ts',
    find: '  reason: absent(text),',
    replace: '  reason: text,',
    killer: READS,
  },
  {
    name: 'knows a state of found accounts no longer',
    file: 'table/discovery.ts',
    find: "'leaving', 'skipped', 'left'",
    replace: "'leaving', 'left'",
    killer: READS,
  },
  {
    name: 'writes acknowledgements under another key',
    file: 'table/rows/rows.ts',
    find: "name.startsWith('ack|')",
    replace: "name.startsWith('acknowledgement|')",
    killer: inUpgrade('an upgrade > reads every row of the last release'),
  },
  {
    name: 'shifts the due dates of accounts',
    file: 'table/rows/record-codec.ts',
    find: '    jitterMs: z.number(),',
    replace: '    jitterMs: z.number().transform((ms) => ms + 600_000),',
    killer: GOES_ON,
  },
  {
    name: 'looks at every account when it meets its row for the first time',
    file: 'table/rows/rows.ts',
    find: '    nextObservationAt,\n    lastPass: decode',
    replace: '    nextObservationAt: 0,\n    lastPass: decode',
    killer: READS,
  },
  {
    name: 'understands messages of its own form only',
    file: 'src/triggers/queue.ts',
    find: 'z.object({ accountIds:',
    replace: 'z.object({ form: z.literal(2), accountIds:',
    killer: inUpgrade('understands every message of the last release'),
  },
  {
    name: 'sends messages that the last release does not understand',
    file: 'src/triggers/queue-batches.ts',
    find: 'batches.push({ accountIds: batch })',
    replace: 'batches.push({ accounts: batch, accountIds: undefined } as never)',
    killer: BACK,
  },
];
