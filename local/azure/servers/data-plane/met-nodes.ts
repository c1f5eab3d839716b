// Remembers the node of an account's gateway that each connection has met: a load balancer chooses once per connection.
// It must not choose the node itself: the world does.
import type { AccountState, GatewayNode, World } from '../../world/world.ts';

interface Met {
  readonly nodes: readonly GatewayNode[];
  readonly node: number;
}

export class MetNodes {
  readonly #world: World;
  /** By connection, then by the account's id. An entry ends with its connection. */
  readonly #met = new WeakMap<object, Map<string, Met>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The node of this connection, met now if the connection is new or the gateway has got other nodes since. */
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
