// Remembers which node of an account's gateway each connection has met: a load balancer chooses once for a connection.
// It must not choose itself: that is the world's.
import type { AccountState, GatewayNode, World } from '../../world/world.ts';

interface Met {
  readonly nodes: readonly GatewayNode[];
  readonly node: number;
}

export class MetNodes {
  readonly #world: World;
  /** By connection, then by the account's id. An entry goes with its connection. */
  readonly #met = new WeakMap<object, Map<string, Met>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The node that this connection is on, met now if it is new or if the gateway has got other nodes since. */
  nodeOf(connection: object, { id, knobs: { nodes } }: AccountState): number {
    const met = this.#met.get(connection) ?? new Map<string, Met>();
    this.#met.set(connection, met);
    const former = met.get(id);
    if (former?.nodes === nodes) return former.node;
    const node = this.#world.meetNode(id);
    met.set(id, { nodes, node });
    return node;
  }
}
