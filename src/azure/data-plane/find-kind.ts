// Finds the row of a kind in the table of kinds, without regard to case. Pure.
// It must not add a kind.
import { KINDS, type Kind, type Proof } from './kinds.ts';

const BY_NAME: ReadonlyMap<string, Kind> = new Map(KINDS.map((entry) => [entry.kind.toLowerCase(), entry]));

const UNLISTED: Proof = { state: 'none', because: 'the service does not know this kind' };

export function findKind(kind: string): Kind | undefined {
  return BY_NAME.get(kind.toLowerCase());
}

export function proofOf(kind: string): Proof {
  return findKind(kind)?.proof ?? UNLISTED;
}

/** Why accounts of a kind cannot be rotated, as a sentence; undefined if they can. */
export function obstacleOf(kind: string): string | undefined {
  const proof = proofOf(kind);
  if (proof.state === 'call') return undefined;
  return `This kind cannot be rotated, because no call proves a key of the kind ${kind}: ${proof.because}.`;
}
