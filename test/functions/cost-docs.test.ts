// Holds docs/cost.md equal to what bench/cost.ts computes, and the calls that it reckons with equal to those that are sent.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CALLS, costRows, monthlyCost } from '../../bench/cost.ts';
import { DAY, HOUR, type HttpStage, startHttpStage } from './http/stage.ts';

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  stage.addAccount('shop');
  await stage.adopt();
  await stage.tick();
});
afterAll(() => stage.close());

const counted = async (run: () => Promise<void>): Promise<(service: string, operation?: string) => number> => {
  const before = stage.azure.requests.length;
  await run();
  const sent = stage.azure.requests.slice(before);
  return (service, operation) =>
    sent.filter((request) => request.service === service && (operation ?? request.operation) === request.operation)
      .length;
};

describe('docs/cost.md', () => {
  it('shows the table that is computed', () => {
    const page = readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8');
    expect(costRows()).toHaveLength(6);
    for (const row of costRows()) expect(page).toContain(row);
  });

  it('reckons as by hand: 1,000 accounts, 122 operations each on secrets, at 0.03 per 10,000', () => {
    expect(monthlyCost(1_000).keyVault).toBeCloseTo(0.366, 6);
  });
});

describe('the calls that the cost is reckoned with', () => {
  it('are those of a look at an account of which nothing is due, beside those of its tick', async () => {
    const tick = await counted(() => stage.tick());
    stage.advance(7 * HOUR);
    const said = stage.said.length;
    const both = await counted(() => stage.tick());
    const { keyVault, appConfiguration, table, logLines } = CALLS.idlePass;
    expect(both('keyVault') - tick('keyVault')).toBe(keyVault);
    expect(both('appConfiguration') - tick('appConfiguration')).toBe(appConfiguration);
    expect(both('table') - tick('table')).toBe(table);
    expect(stage.said.length - said).toBe(logLines);
  });

  it('are those of a rotation', async () => {
    stage.advance(31 * DAY);
    const all = await counted(async () => {
      for (let count = 0; count < 30; count++) {
        await stage.tick();
        stage.advance(4 * HOUR);
      }
    });
    const { keyVault, appConfiguration, probes } = CALLS.rotation;
    expect(all('arm', 'regenerateKey')).toBe(2);
    expect(all('keyVault') - all('keyVault', 'getSecret')).toBe(keyVault);
    expect(all('appConfiguration', 'setKeyValue')).toBe(appConfiguration);
    expect(all('dataPlane')).toBe(probes);
  });
});
