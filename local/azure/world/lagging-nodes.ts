// Gateways whose nodes learn of a regenerate one by one, as Azure's do: a key that one node accepts may be rejected by the
// next one for a while. It must not change what is already a gateway of several nodes.
import { mulberry32 } from './mulberry32.ts';
import { type GatewayNode, PROMPT_NODE, type World } from './world.ts';

/** The fewest that have a first, a last and one in between. */
const NODES_OF_A_GATEWAY = 3;

/**
 * The first node learns at once, the last one after `longestMs`, both of a new value and of the end of an old one. Each lag
 * of the nodes in between is anywhere from 0 to `longestMs`, by `seed`.
 */
export function laggingNodes(count: number, longestMs: number, seed: number): readonly GatewayNode[] {
  if (count < 2) throw new Error('One node cannot learn both at once and late.');
  const random = mulberry32(seed);
  const lagMs = (): number => Math.floor(random() * (longestMs + 1));
  const between = Array.from({ length: count - 2 }, () => ({ acceptsNewAfterMs: lagMs(), acceptsOldForMs: lagMs() }));
  return [PROMPT_NODE, ...between, { acceptsNewAfterMs: longestMs, acceptsOldForMs: longestMs }];
}

/** Gives each account whose gateway is a single node three lagging ones, different for each account, the same in each run. */
export function letGatewaysLag({ accounts }: Pick<World, 'accounts'>, longestMs: number): void {
  for (const [index, { knobs }] of [...accounts.values()].entries()) {
    if (knobs.nodes.length === 1) knobs.nodes = laggingNodes(NODES_OF_A_GATEWAY, longestMs, index + 1);
  }
}
