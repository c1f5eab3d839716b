// Gateways of the local Azure whose nodes learn of a regenerate one by one.
import { expect, test } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import { laggingNodes, letGatewaysLag } from '../../local/azure/world/lagging-nodes.ts';
import { createRealNature } from '../../local/azure/world/real-nature.ts';
import { World } from '../../local/azure/world/world.ts';

test('the first node learns at once, the last one has the whole lag, the others are by the seed', () => {
  expect(laggingNodes(4, 2_000, 1)).toEqual([
    { acceptsNewAfterMs: 0, acceptsOldForMs: 0 },
    { acceptsNewAfterMs: 1_254, acceptsOldForMs: 5 },
    { acceptsNewAfterMs: 1_055, acceptsOldForMs: 1_963 },
    { acceptsNewAfterMs: 2_000, acceptsOldForMs: 2_000 },
  ]);
});

test('two nodes are the least', () => {
  expect(laggingNodes(2, 500, 7)).toEqual([
    { acceptsNewAfterMs: 0, acceptsOldForMs: 0 },
    { acceptsNewAfterMs: 500, acceptsOldForMs: 500 },
  ]);
  expect(() => laggingNodes(1, 500, 7)).toThrow('One node cannot learn both at once and late.');
});

test('the lags of many nodes are spread from nothing to the longest', () => {
  const lags = laggingNodes(400, 9, 3).flatMap(({ acceptsNewAfterMs, acceptsOldForMs }) => [
    acceptsNewAfterMs,
    acceptsOldForMs,
  ]);
  expect([...new Set(lags)].toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('each account gets three nodes of its own, and keeps those that it has', () => {
  const world = new World(createRealNature());
  const [first, second] = demoAccounts(2).map((seed) => world.addAccount(seed));
  const set = [
    { acceptsNewAfterMs: 1, acceptsOldForMs: 2 },
    { acceptsNewAfterMs: 3, acceptsOldForMs: 4 },
  ];
  if (first !== undefined) first.knobs.nodes = set;
  letGatewaysLag(world, 2_000);
  letGatewaysLag(world, 60_000);
  expect(first?.knobs.nodes).toBe(set);
  expect(second?.knobs.nodes).toEqual([
    { acceptsNewAfterMs: 0, acceptsOldForMs: 0 },
    { acceptsNewAfterMs: 1_469, acceptsOldForMs: 650 },
    { acceptsNewAfterMs: 2_000, acceptsOldForMs: 2_000 },
  ]);
});
