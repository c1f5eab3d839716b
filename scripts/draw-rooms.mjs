// Draws the table of rooms (`rooms.mjs`) for docs/architecture.md: `node scripts/draw-rooms.mjs` prints it.
import { fileURLToPath } from 'node:url';
import { ROOMS } from '../rooms.mjs';

/** Rooms that every other may import are left out as targets: their arrows would hide the others. */
const EVERYWHERE = ['src/base', 'src/rotation'];

const nameOf = (room) => room.replace(/^src\/|\/src$/, '');
const idOf = (room) => nameOf(room).replaceAll(/\W/g, '_');

/** A Mermaid flowchart: a box for each room, an arrow to each room that it may import. */
export function drawRooms() {
  const rooms = Object.entries(ROOMS).toReversed();
  const boxes = rooms.map(([room, { purpose }]) => `  ${idOf(room)}["<b>${nameOf(room)}</b><br/>${purpose}"]`);
  const arrows = rooms.flatMap(([room, { rooms: others }]) =>
    Object.keys(others)
      .filter((other) => !EVERYWHERE.includes(other))
      .map((other) => `  ${idOf(room)} --> ${idOf(other)}`),
  );
  return ['flowchart TD', ...boxes, ...arrows].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${drawRooms()}\n`);
