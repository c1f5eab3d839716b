// What the gateway of an account says of a key, asked of each of its nodes: "accepted" and "dead" are said of all of them.
import type { World } from '../../local/azure/world/world.ts';

function takingOf(world: World, id: string, value: string): readonly boolean[] {
  return world.account(id).knobs.nodes.map((_, node) => world.acceptsKey(id, value, node));
}

export function isAcceptedByAll(world: World, id: string, value: string): boolean {
  return takingOf(world, id, value).every((isTaken) => isTaken);
}

export function isRejectedByAll(world: World, id: string, value: string): boolean {
  return takingOf(world, id, value).every((isTaken) => !isTaken);
}
