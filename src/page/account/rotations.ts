// Reads rotations out of an account's history: when each phase began, when each slot got its last value, and which slot
// was published when. The history has the newest line first and may be cut off at its old end. It must not draw.
import type { HistoryLine } from '../types.ts';

export interface Rotation {
  readonly id: number;
  readonly startedAt?: number;
  readonly publishedAt?: number;
  readonly retiringAt?: number;
  readonly completedAt?: number;
  readonly isRolledBack: boolean;
}

const PUBLISHING: readonly string[] = [
  'Adopted',
  'Published',
  'RolledBack',
  'Repaired',
] satisfies HistoryLine['kind'][];
/** Lines that say that their slot was to get a new value. */
export const REGENERATING: readonly string[] = [
  'RotationStarted',
  'RegenerateRepeated',
  'RetireStarted',
  'KeySacrificed',
] satisfies HistoryLine['kind'][];

/** Newest first. */
export function rotationsOf(history: readonly HistoryLine[]): readonly Rotation[] {
  const rotations = new Map<number, { -readonly [K in keyof Rotation]: Rotation[K] }>();
  for (const { at, kind, rotationId } of history.toReversed()) {
    if (kind === 'Adopted' || rotationId === 0) continue;
    if (!(kind in FIELDS)) continue;
    const rotation = rotations.get(rotationId) ?? { id: rotationId, isRolledBack: false };
    rotations.set(rotationId, rotation);
    if (kind === 'RolledBack') rotation.isRolledBack = true;
    rotation[FIELDS[kind as keyof typeof FIELDS]] = Date.parse(at);
  }
  return [...rotations.values()].sort((a, b) => b.id - a.id);
}

const FIELDS = {
  RotationStarted: 'startedAt',
  Published: 'publishedAt',
  RolledBack: 'publishedAt',
  RetireStarted: 'retiringAt',
  RotationCompleted: 'completedAt',
} as const;

/** When this service last gave `slot` a new value; undefined if the history does not say. */
export function regeneratedAt(history: readonly HistoryLine[], slot: string): number | undefined {
  const line = history.find((entry) => entry.slot === slot && REGENERATING.includes(entry.kind));
  return line === undefined ? undefined : Date.parse(line.at);
}

export interface Publication {
  readonly at: number;
  readonly slot: string;
}

/** Which slot was published from when on, oldest first, each change once. */
export function publicationsOf(history: readonly HistoryLine[]): readonly Publication[] {
  const publications: Publication[] = [];
  for (const { at, kind, slot } of history.toReversed()) {
    if (slot === undefined || !PUBLISHING.includes(kind) || publications.at(-1)?.slot === slot) continue;
    publications.push({ at: Date.parse(at), slot });
  }
  return publications;
}
