// Every end of one tick: under each choice of faults, nodes and clocks. A run of the core serves several ends, because
// some faults look the same to the core. `ends.test.ts` compares them with one run for each end.
import type { PassReport } from '../../src/rotation/pass/reconcile.ts';
import type { LostEffect } from './faults.ts';
import { Odometer } from './odometer.ts';
import { type Explorer, runTick, type Tick } from './run-pass.ts';
import { isSpent } from './sent.ts';
import type { LateEffect, Snapshot, Universe } from './universe.ts';

export interface End {
  /** As a replay takes them: trailing zeros left out. */
  readonly choices: readonly number[];
  readonly violations: readonly string[];
  /** Absent when the process crashed, or when no pass was due. */
  readonly report: PassReport | undefined;
  /** Nothing was made to fail, and every probe met the node that knows most. */
  readonly isPlain: boolean;
}

/** `onEnd` finds the universe as the end leaves it, and answers false to end the search. */
export async function exploreTick(
  universe: Universe,
  start: Snapshot,
  move: string | undefined,
  onEnd: (end: End) => boolean,
): Promise<void> {
  let isEnded = false;
  const goesOn = (): boolean => !isEnded;
  const end = (tick: Tick, choices: readonly number[]): void => {
    const { violations, report } = tick;
    const isPlain = !tick.isFaulty && !tick.isDetour;
    const { late } = universe;
    // Which effects may come late does not matter any more after a violation.
    for (const variant of variants(violations.length > 0 ? [] : tick.lost, choices)) {
      universe.late = [...late, ...variant.late.filter(({ sent }) => !isSpent(universe, sent))];
      isEnded ||= !onEnd({ choices: trimmed(variant.choices), violations, report, isPlain });
    }
  };
  const odometer = new Odometer();
  const explorer: Explorer = {
    odometer,
    onCrash: (tick, at, choice) => {
      const choices = odometer.taken();
      end(tick, [...(at === 'next' ? choices : choices.slice(0, -1)), choice]);
    },
  };
  do {
    universe.restore(start);
    const tick = await runTick(universe, move, odometer.choose, { explorer });
    end(tick, odometer.taken());
  } while (odometer.next() && goesOn());
}

interface Variant {
  readonly choices: readonly number[];
  readonly late: readonly LateEffect[];
}

/** Each lost effect happens never, or at one of its times. */
function variants(lost: readonly LostEffect[], choices: readonly number[]): readonly Variant[] {
  let found: readonly Variant[] = [{ choices, late: [] }];
  for (const { position, late } of lost) {
    found = found.flatMap((variant) => [
      variant,
      ...late.map(({ choice, effect }) => ({
        choices: variant.choices.with(position, choice),
        late: [...variant.late, effect],
      })),
    ]);
  }
  return found;
}

function trimmed(choices: readonly number[]): readonly number[] {
  return choices.slice(0, choices.findLastIndex((choice) => choice !== 0) + 1);
}
