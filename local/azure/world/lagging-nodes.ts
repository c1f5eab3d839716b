// Gateways whose nodes learn of a regenerate one by one, as Azure's do: for a while, one node may accept a key that the
// next one rejects. It must not change a gateway that already has several nodes.
import { mulberry32 } from './mulberry32.ts';
import { type GatewayNode, PROMPT_NODE, type World } from './world.ts';

/** The fewest nodes with a first, a last and one in between. */
const NODES_OF_A_GATEWAY = 3;

/**
 * The first node learns at once, the last one after `longestMs`. That holds for a new value and for the end of an old
 * one. Each lag of the nodes in between is anywhere from 0 to `longestMs`, by `seed`.
 */
export function laggingNodes(count: number, longestMs: number, seed: number): readonly GatewayNode[] {
  if (count < 2) throw new Error('One node cannot learn both at once and late.');
  const random = mulberry32(seed);
  const lagMs = (): number => Math.floor(random() * (longestMs + 1));
  const between = Array.from({ length: count - 2 }, () => ({ acceptsNewAfterMs: lagMs(), acceptsOldForMs: lagMs() }));
  return [PROMPT_NODE, ...between, { acceptsNewAfterMs: longestMs, acceptsOldForMs: longestMs }];
}

/** Gives each single-node gateway three lagging nodes, different for each account, the same in each run. */
export function letGatewaysLag({ accounts }: Pick<World, 'accounts'>, longestMs: number): void {
  for (const [index, { knobs }] of [...accounts.values()].entries()) {
    if (knobs.nodes.length === 1) knobs.nodes = laggingNodes(NODES_OF_A_GATEWAY, longestMs, index + 1);
  }
}
