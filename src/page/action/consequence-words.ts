// What a rehearsal says, in the order in which an operator needs it: which key stops working when, then the plan.
// It must not draw, or judge: the service's rehearsal does.
import { spanText } from '../time.ts';
import type { AccountStatus, DryRun } from '../types.ts';
import { reasonText } from '../words.ts';

/** Steps that end the value of a slot. */
const DEADLY: readonly string[] = ['regenerate', 'sacrifice'] satisfies DryRun['steps'][number]['step'][];
/** Steps that change something outside of the service's own table. */
const EFFECTS: readonly string[] = [
  'regenerate',
  'sacrifice',
  'publish',
  'announceReference',
  'announceFlag',
  'disable',
] satisfies DryRun['steps'][number]['step'][];

/** One sentence: which of the present keys stop working, and when. Instants are ISO 8601. */
export function lossText({ steps, outcome }: DryRun, keys: AccountStatus['keys']): string {
  const ends = new Map<string, string>();
  for (const { step, slot, at } of steps) {
    // A slot that is regenerated again gives up a key that no application has read.
    if (DEADLY.includes(step) && slot !== undefined && !ends.has(slot)) ends.set(slot, at);
  }
  if (outcome?.startsWith('Refused') === true && ends.size === 0) return 'Nothing is done, and no key stops working.';
  const parts = [...ends].map(([slot, at]) => {
    const role = keys.find((key) => key.slot === slot)?.role;
    return `the ${role === undefined ? `key in ${slot}` : `${role} key (${slot})`} stops working at ${at}`;
  });
  if (parts.length === 0) return 'No key stops working.';
  const text = parts.join(', and ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

export interface PlanLine {
  readonly at: string;
  readonly text: string;
  readonly isWait: boolean;
}

/** Effects and waits in the order of time. Waits for the same reason that follow one another are one. */
export function planOf({ steps, waits }: DryRun): readonly PlanLine[] {
  const effects = steps
    .filter(({ step }) => EFFECTS.includes(step))
    .map(({ at, calls }) => ({ at, until: at, text: calls.at(-1) ?? '', reason: undefined }));
  const pauses = waits.map(({ from, until, reason }) => ({ at: from, until, text: '', reason }));
  const lines: (typeof effects | typeof pauses)[number][] = [];
  for (const line of [...effects, ...pauses].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))) {
    const last = lines.at(-1);
    if (line.reason !== undefined && last?.reason === line.reason)
      lines[lines.length - 1] = { ...last, until: line.until };
    else lines.push(line);
  }
  return lines.map(({ at, until, text, reason }) =>
    reason === undefined
      ? { at, text, isWait: false }
      : { at, text: `Wait ${spanText(Date.parse(until) - Date.parse(at))}: ${reasonText(reason)}`, isWait: true },
  );
}
