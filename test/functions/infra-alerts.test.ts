// Holds the queries of alerts and workbook against what the service says, and the alerts against the runbook.

import { describe, expect, it } from 'vitest';
import { EVENT_TYPES, REGENERATE_OPERATIONS } from '../../src/base/event-grid/read-event.ts';
import { LOG_EVENTS, LOG_FIELDS } from '../../src/base/log.ts';
import type { ActingStep } from '../../src/rotation/decide/step.ts';
import { ERROR_CODES } from '../../src/rotation/errors.ts';
import type { RotationRecord, StoredRequest } from '../../src/rotation/model.ts';
import type { PassOutcome } from '../../src/rotation/pass/reconcile.ts';
import type { ProbeResult } from '../../src/rotation/ports.ts';
import { BLOCKED_REASONS, PUBLISH_REASONS, WAIT_REASONS } from '../../src/rotation/reasons.ts';
import { asProse } from '../support/documents.ts';
import { BICEP, filesIn, findAll, read } from './infra-files.ts';

interface Item {
  readonly name: string;
  readonly content: { readonly query?: string };
}

const alerts = BICEP.get('infra/modules/alerts.bicep') ?? '';
const { items } = JSON.parse(read('infra/modules/workbook.json')) as { items: readonly Item[] };
const queries = [
  ...[...alerts.matchAll(/^var \w+ = '''\n([\s\S]*?)\n'''/gm)].map(([, query]) => query ?? ''),
  ...items.flatMap(({ content }) => content.query ?? []),
].join('\n');

/** The members of a union, held complete by its type. */
const membersOf = <T extends string>(members: Record<T, true>): readonly string[] => Object.keys(members);
const PHASES = membersOf<RotationRecord['phase']>({ idle: true, preparing: true, propagating: true, retiring: true });
/** What the fields of lines may hold. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  step: membersOf<ActingStep['kind']>({
    probe: true,
    publish: true,
    regenerate: true,
    sacrifice: true,
    announceReference: true,
    announceFlag: true,
    readSupersededVersion: true,
    disable: true,
    record: true,
  }),
  outcome: membersOf<PassOutcome['kind']>({ waiting: true, failed: true, leaseHeld: true, budgetSpent: true }),
  finding: membersOf<ProbeResult['finding']>({
    live: true,
    liveOutOfQuota: true,
    dead: true,
    throttled: true,
    deniedByNetwork: true,
    deadOrKeptOut: true,
    keyAuthenticationOff: true,
    wrongEndpoint: true,
    unreachable: true,
    notUnderstood: true,
    noProof: true,
  }),
  code: ERROR_CODES,
  to: PHASES,
  phase: PHASES,
};

/** Values that a field is compared with: `field == 'a'` and `field in ('a', 'b')`. */
function comparedWith(field: string): readonly string[] {
  const name = String.raw`(?:tostring\(line\.${field}\)|\b${field})`;
  const found = queries.matchAll(new RegExp(`${name} (?:== ('\\w+')|in \\(([^)]*)\\))`, 'g'));
  return [...new Set([...found].flatMap(([, one, list]) => findAll(one ?? list ?? '', /'(\w+)'/g)))].toSorted();
}

const runbook = read('docs/runbook.md');
const anchors = findAll(runbook, /^#{2,3} (.+)$/gm).map((heading) => heading.toLowerCase().replaceAll(' ', '-'));

describe('the alerts', () => {
  it('are eleven', () => {
    expect(findAll(alerts, /^ {2}'([a-z-]+)': \{$/gm)).toEqual([
      'account-blocked',
      'account-failing',
      'compromised-key-named',
      'drift-repaired',
      'notifications-given-up',
      'queue-poisoned',
      'rotation-overdue',
      'subscription-not-searched',
      'superseded-key-still-accepted',
      'throttling-sustained',
      'timer-silent',
    ]);
  });

  it('each lead to a heading of the runbook', () => {
    const headings = findAll(alerts, /heading: '([a-z-]+)'/g);
    expect(headings).toHaveLength(11);
    expect(headings.filter((heading) => !anchors.includes(heading))).toEqual([]);
  });
});

describe('the table of alerts in the runbook', () => {
  it('names each alert with its severity and heading', () => {
    const blocks = [...alerts.matchAll(/^ {2}'([a-z-]+)': \{\n([\s\S]*?)^ {2}\}/gm)];
    const stated = blocks.map(([, name, block = '']) => {
      const [heading] = findAll(block, /heading: '([a-z-]+)'/g);
      const [severity] = findAll(block, /severity: (\d)/g);
      return `${name ?? ''} ${severity ?? ''} ${heading ?? ''}`;
    });
    const listed = [...runbook.matchAll(/^\| `([a-z-]+)` \| (\d) \| \[[^\]]+\]\(#([a-z-]+)\) \|$/gm)];
    expect(stated).not.toEqual([]);
    expect(listed.map(([, name, severity, heading]) => `${name ?? ''} ${severity ?? ''} ${heading ?? ''}`)).toEqual(
      stated,
    );
  });
});

it('the documents count the alerts and link to each', () => {
  const headings = findAll(alerts, /heading: '([a-z-]+)'/g);
  const observability = read('docs/observability.md').split('## Alerts and workbook')[1] ?? '';
  expect(findAll(observability, /\(runbook\.md#([a-z-]+)\)/g)).toEqual(headings);
  expect(headings).toHaveLength(11);
  expect(asProse(observability)).toContain('has eleven alerts');
  expect(asProse(read('docs/deployment.md'))).toContain('eleven [alerts](runbook.md#alerts)');
  expect(asProse(read('docs/cost.md'))).toContain(
    'The template has eleven: two look every five minutes, four every fifteen, five less often.',
  );
  const frequencies = [...alerts.matchAll(/frequency: '(PT\w+)'/g)].map(([, frequency]) => frequency);
  const often = (frequency: string): number => frequencies.filter((each) => each === frequency).length;
  expect([often('PT5M'), often('PT15M'), often('PT30M') + often('PT1H')]).toEqual([2, 4, 5]);
});

describe('the queries of alerts and workbook', () => {
  it('ask for reasons that there are', () => {
    const reasons: readonly string[] = [...WAIT_REASONS, ...BLOCKED_REASONS, ...PUBLISH_REASONS];
    const asked = comparedWith('reason');
    expect(asked).toContain('PublishedKeyDrifted');
    expect(asked.filter((reason) => !reasons.includes(reason))).toEqual([]);
  });

  it('ask for steps, outcomes, findings and codes that there are', () => {
    for (const [field, values] of Object.entries(VALUES)) {
      const asked = comparedWith(field);
      expect([field, asked.length]).not.toEqual([field, 0]);
      expect([field, asked.filter((value) => !values.includes(value))]).toEqual([field, []]);
    }
  });

  it('ask for events that are told', () => {
    const asked = comparedWith('event');
    expect(asked.toSorted()).toEqual([
      'messageGivenUp',
      'notificationDead',
      'pass',
      'request',
      'step',
      'subscriptionNotSearched',
      'tick',
    ]);
    expect(asked.filter((event) => !LOG_EVENTS.some((known) => known === event))).toEqual([]);
  });

  it('ask for the kind of request that names a compromised key', () => {
    expect(comparedWith('kind')).toEqual(['compromised' satisfies StoredRequest['kind']]);
  });

  it('name the timer as the function is called', () => {
    const [name = ''] = findAll(queries, /tostring\(line\.trigger\) == '([\w-]+)'/g);
    expect(filesIn('src/functions', '.ts')).toContain(`src/functions/${name}.ts`);
  });

  it('ask for fields that lines have', () => {
    const fields = findAll(queries, /\bline\.(\w+)/g);
    expect(fields).toContain('isOverdue');
    expect(fields.filter((field) => !LOG_FIELDS.some((known) => known === field))).toEqual(['event']);
  });

  it('lean on nothing but the line itself, which no telemetry mode of the host leaves out', () => {
    const columns = ['OperationName', 'OperationId', 'AppRoleName', 'Properties', 'customDimensions'];
    expect(columns.filter((column) => queries.includes(column))).toEqual([]);
  });
});

describe('the workbook', () => {
  it('shows phases, key ages and history', () => {
    expect(items.map(({ name }) => name)).toEqual([
      'title',
      'parameters',
      'phases',
      'phases-count',
      'key-ages',
      'history',
      'rotations',
      'calls',
      'failures',
    ]);
  });
});

it('sends events to functions that there are', () => {
  const text = `${BICEP.get('infra/modules/vault-events.bicep') ?? ''}${BICEP.get('infra/modules/account-events.bicep') ?? ''}`;
  const functions = findAll(text, /\/functions\/([a-z-]+)'/g);
  expect(functions).toEqual(['on-key-regenerated', 'on-secret-event']);
  for (const name of functions) expect(filesIn('src/functions', '.ts')).toContain(`src/functions/${name}.ts`);
});

it('subscribes to the events that are understood', () => {
  const text = `${BICEP.get('infra/modules/vault-events.bicep') ?? ''}${BICEP.get('infra/modules/account-events.bicep') ?? ''}`;
  const [...lists] = text.matchAll(/includedEventTypes: \[([^\]]+)\]/g);
  const types = lists.flatMap(([, list]) => findAll(list ?? '', /'([^']+)'/g));
  expect(types).toHaveLength(4);
  expect(types.map((type) => type.toLowerCase()).toSorted()).toEqual([...EVENT_TYPES].toSorted());
});

it('lets through of the actions on accounts those that are understood: listing keys would feed the service for ever', () => {
  const text = BICEP.get('infra/modules/account-events.bicep') ?? '';
  const [, list = ''] = /key: 'data\.operationName'\s+values: \[([^\]]+)\]/.exec(text) ?? [];
  const filters = findAll(list, /'([^']+)'/g);
  expect(filters).toEqual([
    'Microsoft.CognitiveServices/accounts/regenerateKey/action',
    'Microsoft.Search/searchServices/regenerateAdminKey/action',
  ]);
  expect(filters.map((filter) => filter.toLowerCase())).toEqual(REGENERATE_OPERATIONS);
  for (const filter of filters) expect(read('docs/events.md').split(filter)).toHaveLength(4);
});
