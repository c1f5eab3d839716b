// Reads rotations out of an account's history: when each phase began, when each slot got its last value, and which slot
// was published when. The history has the newest line first and may be cut off at its old end. It must not draw.
import { PUBLISHING_KINDS, REGENERATING_KINDS } from '../../rotation/history.ts';
import type { HistoryLine } from '../types.ts';

export interface Rotation {
  readonly id: number;
  readonly startedAt?: number;
  readonly publishedAt?: number;
  readonly rolledBackAt?: number;
  readonly retiringAt?: number;
  readonly completedAt?: number;
  /** When a leaked value was seen to be no longer a key of the account. */
  readonly replacedAt?: number;
  /** When a leaked key was regenerated although it may have been published. */
  readonly sacrificedAt?: number;
  /** It began because a key leaked, or a leaked key was replaced in it. */
  readonly isEmergency: boolean;
  /** Whether the death of the superseded key was proven; absent before the end. */
  readonly isProven?: boolean;
}

const PUBLISHING: readonly string[] = PUBLISHING_KINDS;
export const REGENERATING: readonly string[] = REGENERATING_KINDS;

/** Newest first. */
export function rotationsOf(history: readonly HistoryLine[]): readonly Rotation[] {
  const rotations = new Map<number, { -readonly [K in keyof Rotation]: Rotation[K] }>();
  for (const { at, kind, rotationId, reason } of history.toReversed()) {
    if (kind === 'Adopted' || rotationId === 0) continue;
    if (!(kind in FIELDS)) continue;
    const rotation = rotations.get(rotationId) ?? { id: rotationId, isEmergency: false };
    rotations.set(rotationId, rotation);
    if (reason === 'KeyCompromised' || kind === 'KeyReplaced' || kind === 'KeySacrificed') rotation.isEmergency = true;
    if (kind === 'RotationCompleted') rotation.isProven = reason === 'DeathProven';
    rotation[FIELDS[kind as keyof typeof FIELDS]] = Date.parse(at);
  }
  return [...rotations.values()].sort((a, b) => b.id - a.id);
}

const FIELDS = {
  RotationStarted: 'startedAt',
  Published: 'publishedAt',
  RolledBack: 'rolledBackAt',
  RetireStarted: 'retiringAt',
  RotationCompleted: 'completedAt',
  KeyReplaced: 'replacedAt',
  KeySacrificed: 'sacrificedAt',
} as const satisfies { readonly [Kind in HistoryLine['kind']]?: keyof Rotation };

interface Note {
  readonly text: string;
  readonly at?: number | undefined;
}

/** What a rotation did in a phase that not every rotation does: a roll back, an emergency. */
export function notesOf(phase: 'preparing' | 'propagating' | 'retiring' | 'idle', rotation: Rotation): readonly Note[] {
  const { rolledBackAt, isEmergency, startedAt, publishedAt, replacedAt, sacrificedAt, completedAt, isProven } =
    rotation;
  switch (phase) {
    case 'preparing':
      if (!isEmergency) return [];
      return startedAt === undefined && publishedAt !== undefined
        ? [{ text: 'Emergency: the standby key was published as it was.' }]
        : [{ text: 'Emergency: a key leaked.' }];
    case 'propagating':
      return rolledBackAt === undefined
        ? []
        : [{ text: 'Rolled back: the former key is published again.', at: rolledBackAt }];
    case 'retiring':
      return [
        ...(sacrificedAt === undefined
          ? []
          : [{ text: 'Leaked key regenerated, an outage accepted.', at: sacrificedAt }]),
        ...(replacedAt === undefined ? [] : [{ text: 'Leaked key replaced.', at: replacedAt }]),
      ];
    case 'idle': {
      if (completedAt === undefined) return [];
      const end = isProven === true ? 'The old key is proven dead.' : 'The death of the old key is not proven.';
      return [...(rolledBackAt === undefined ? [] : [{ text: 'Rolled back.' }]), { text: end }];
    }
  }
}

/**
 * When this service gave `slot` its present value; undefined if the history does not say, or if the slot has got another
 * value since that this service did not make.
 */
export function regeneratedAt(history: readonly HistoryLine[], slot: string): number | undefined {
  let madeAt: number | undefined;
  let fingerprint: string | undefined;
  for (const line of history.toReversed()) {
    if (line.slot !== slot) continue;
    if (REGENERATING.includes(line.kind)) {
      madeAt = Date.parse(line.at);
      fingerprint = undefined;
    } else if (PUBLISHING.includes(line.kind)) {
      if (line.kind === 'Adopted' || (fingerprint !== undefined && fingerprint !== line.fingerprint))
        madeAt = undefined;
      fingerprint = line.fingerprint;
    }
  }
  return madeAt;
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
