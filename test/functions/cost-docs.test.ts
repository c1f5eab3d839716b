// Holds docs/cost.md equal to what bench/cost.ts computes, and the calls that it reckons with equal to those that are sent.
import { readFileSync } from 'node:fs';
import { InvocationContext } from '@azure/functions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CALLS, costRows, EXTRA_PASSES, monthlyCost, PRICES, resourceLogGb } from '../../bench/cost.ts';
import { runTick } from '../../src/triggers/tick.ts';
import { passOverDue } from '../support/pass-over-due.ts';
import { DAY, HOUR, type HttpStage, startHttpStage } from './http/stage.ts';
import { filesIn, read } from './infra-files.ts';

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  stage.addAccount('shop');
  stage.configure('KeyRotation:Sentinel', { revision: 1 });
  await stage.adopt();
  await tick();
});
afterAll(() => stage.close());

/** Lines at level information and above: what is kept of them at the host's default. */
const said: string[] = [];
/** What each pass ended with. */
const reasons: unknown[] = [];
const keep = (level: string, event: string, fields?: Readonly<Record<string, unknown>>): void => {
  if (level !== 'debug') said.push(event);
  if (event === 'pass') reasons.push(fields?.['reason']);
};
const tick = async (): Promise<void> => {
  await passOverDue(stage.app, keep);
};

const counted = async (run: () => Promise<void>): Promise<(service: string, operation?: string) => number> => {
  const before = stage.azure.requests.length;
  await run();
  const sent = stage.azure.requests.slice(before);
  return (service, operation) =>
    sent.filter((request) => request.service === service && (operation ?? request.operation) === request.operation)
      .length;
};

describe('docs/cost.md', () => {
  const page = readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8');

  it('shows the table that is computed', () => {
    expect(costRows()).toHaveLength(6);
    for (const row of costRows()) expect(page).toContain(row);
  });

  it('reckons as by hand: 1,000 accounts, 127 operations each on secrets, at 0.03 per 10,000', () => {
    expect(monthlyCost(1_000).keyVault).toBeCloseTo(0.381, 6);
  });

  it('reckons as by hand: 10,000 accounts are 100 pages, read at 8,640 ticks beside one request each', () => {
    // 872,640 calls of ticks and 1,250,000 of passes and rotations at 0.06 per 10,000, beside 36 for the store.
    expect(monthlyCost(10_000).store).toBeCloseTo(48.73584, 6);
    // One page is one request: 8,640 calls of ticks and 1,250 of passes and rotations.
    expect(monthlyCost(10).store).toBeCloseTo(36.05934, 6);
  });

  it('reckons as by hand: 10,000 accounts passed over 123 times and 8,640 ticks are 1.51 GB of log, which is free', () => {
    expect(monthlyCost(10_000).log).toBe(0);
    // 100,000 accounts: 123 lines and 27 of a rotation each, 15.00864 GB, of which 5 are free.
    expect(monthlyCost(100_000).log).toBeCloseTo(10.00864 * 2.3, 6);
  });

  it('shows the resource logs as reckoned by hand: a record for each call of vault, store and table', () => {
    // 127,000 calls of the vault, 125,000 and 95,040 of the store, 250,000 and 17,280 of the table.
    expect(resourceLogGb(1_000)).toBeCloseTo(0.61432, 6);
    expect(resourceLogGb(10_000)).toBeCloseTo(5.90992, 6);
    expect(page).toContain('0.6 GB a month for 1,000 accounts, 5.9 GB for 10,000');
    const sent = filesIn('infra/modules', '.bicep').filter((file) => read(file).includes('/diagnosticSettings@'));
    expect(sent.map((file) => file.split('/').at(-1))).toEqual([
      'app-configuration.bicep',
      'key-vault.bicep',
      'storage.bicep',
    ]);
  });

  it('shows the calls that it reckons with', () => {
    const { idlePass, rotation, tick: ticks } = CALLS;
    const cells = (row: string, values: readonly number[]): string => `| ${row} | ${values.join(' | ')} |`;
    const { keyVault, appConfiguration, table, arm, logLines } = idlePass;
    const look = [keyVault, appConfiguration, table, 0, arm, logLines];
    expect(page).toContain(cells('a look at an account with nothing due', look));
    const added = [rotation.keyVault, rotation.appConfiguration, rotation.table, rotation.probes, rotation.arm];
    expect(page).toContain(cells('a rotation, in addition to the looks', [...added, rotation.logLines]));
    const ofTick = [0, ticks.appConfiguration, ticks.table, 0, 0, ticks.logLines];
    expect(page).toContain(cells('a tick, without the due accounts', ofTick));
  });

  it('shows the prices that it reckons with', () => {
    const shown: Readonly<Record<keyof typeof PRICES, string>> = {
      keyVaultPer10k: '| Key Vault, operations on secrets | 0.03 per 10,000 |',
      storePerDay: '| App Configuration Standard | 1.20 per day and store,',
      storeRequestsPer10k: ' 0.06 per 10,000 requests |',
      tablePer10k: '| Table storage | 0.00036 per 10,000 operations |',
      gbSecond: '| Functions, Flex Consumption | 0.000026 per GB-second,',
      freeGbSeconds: ' the first 100,000 free |',
      logPerGb: '| Log Analytics | 2.30 per GB,',
      freeLogGb: ' the first 5 GB free |',
    };
    const numberIn = (text: string): number =>
      Number(/\d[\d.,]*/.exec(text.split('|').at(2) ?? text)?.[0]?.replace(/[,.]$|,/g, ''));
    for (const [name, text] of Object.entries(shown)) {
      expect(page).toContain(text);
      expect([name, PRICES[name as keyof typeof PRICES]]).toEqual([name, numberIn(text)]);
    }
  });
});

it.each(['cost', 'observability'])(
  'docs/%s.md says what was not measured in the sentence that has the measured',
  (name) => {
    const page = readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');
    const sentences = page
      .split(/(?<=\.) (?=[A-Z*`-])/)
      .filter((sentence) => sentence.includes('about 90 log records'));
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toContain('not measured with');
  },
);

describe('the calls that the cost is reckoned with', () => {
  it('are those of a tick of which nothing is due', async () => {
    const lines: string[] = [];
    const logHandler = (level: string, ...args: unknown[]): void => {
      if (level !== 'debug') lines.push(args.map(String).join(' '));
    };
    const run = async (): Promise<void> => {
      await runTick(stage.serving, new InvocationContext({ functionName: 'reconcile-on-schedule', logHandler }));
    };
    // The first one notes what the fleet is.
    await run();
    stage.advance(5 * 60_000);
    lines.length = 0;
    const sent = await counted(run);
    const { appConfiguration, table, logLines } = CALLS.tick;
    expect(sent('appConfiguration')).toBe(appConfiguration);
    expect(sent('table')).toBe(table);
    expect(lines).toHaveLength(logLines);
  });

  it('are those of a look at an account of which nothing is due, beside those of its tick', async () => {
    const alone = await counted(tick);
    stage.advance(7 * HOUR);
    said.length = 0;
    const both = await counted(tick);
    const { keyVault, appConfiguration, table, arm, logLines } = CALLS.idlePass;
    expect(both('keyVault') - alone('keyVault')).toBe(keyVault);
    expect(both('appConfiguration') - alone('appConfiguration')).toBe(appConfiguration);
    expect(both('table') - alone('table')).toBe(table);
    expect(both('arm') - alone('arm')).toBe(arm);
    expect(said).toHaveLength(logLines);
  });

  it('are those of a rotation', async () => {
    stage.advance(31 * DAY);
    said.length = 0;
    reasons.length = 0;
    const all = await counted(async () => {
      for (let count = 0; count < 30; count++) {
        await tick();
        // As the timer does it while a proof is under way: soon enough for the look in between.
        stage.advance(reasons.at(-1) === 'ConfirmationTimeNotOver' ? HOUR / 6 : 4 * HOUR);
      }
    });
    const { keyVault, appConfiguration, table, probes, arm, logLines } = CALLS.rotation;
    const passes = said.filter((event) => event === 'pass').length;
    expect(all('arm', 'regenerateKey')).toBe(arm);
    expect(all('keyVault') - all('keyVault', 'getSecret')).toBe(keyVault);
    expect(all('appConfiguration', 'setKeyValue')).toBe(appConfiguration);
    expect(all('dataPlane')).toBe(probes);
    expect(all('table', 'transaction') - passes).toBe(table);
    expect(said.length - passes).toBe(logLines);
    const between = ['ActivationTimeNotOver', 'ConfirmationTimeNotOver'];
    expect(reasons.filter((reason) => between.includes(String(reason)))).toHaveLength(EXTRA_PASSES);
  });
});
