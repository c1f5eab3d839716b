// The labels of the time axis of a plot, in the viewer's locale and time zone. It must not draw, or read the clock.

const DAY_S = 86_400;

/** Wide enough for the longest label, in pixels: `12:34:56 PM` at 12 pixels, and its equals in other locales. */
export const LABEL_SPACE_PX = 96;

/** Evenly spaced instants with both ends, as many as have room: a narrow plot also has two. */
export function splitsOf(from: number, to: number, widthPx: number): readonly number[] {
  const gaps = Math.max(1, Math.floor(widthPx / LABEL_SPACE_PX));
  return Array.from({ length: gaps + 1 }, (_, index) => from + ((to - from) * index) / gaps);
}

/**
 * For instants in seconds, which are evenly spaced. The upper line changes from label to label. The lower one is its day
 * or its year, on the first label and wherever it changes, so that no label is ambiguous.
 */
export function labelsOf(splits: readonly number[], locale?: string, timeZone?: string): readonly string[] {
  const step = (splits[1] ?? 0) - (splits[0] ?? 0);
  const zone = timeZone === undefined ? {} : { timeZone };
  const day = { day: 'numeric', month: 'short' } as const;
  const isDays = step >= DAY_S;
  const upper = isDays ? day : ({ timeStyle: step < 60 ? 'medium' : 'short' } as const);
  const lower = isDays ? ({ year: 'numeric' } as const) : day;
  const upperFormat = new Intl.DateTimeFormat(locale, { ...upper, ...zone });
  const lowerFormat = new Intl.DateTimeFormat(locale, { ...lower, ...zone });
  let former = '';
  return splits.map((at) => {
    const below = lowerFormat.format(at * 1_000);
    const label = `${upperFormat.format(at * 1_000)}${below === former ? '' : `\n${below}`}`;
    former = below;
    return label;
  });
}
