// What a benchmark is: a name, what it measures, and how it is drawn. Figures are medians of several runs; a ratio is
// taken within one run, so that a busy machine spoils both sides alike. It must not assert anything.

export type Figures = Readonly<Record<string, number | string>>;

export interface Bar {
  /** Name of the figure. */
  readonly figure: string;
  readonly label: string;
}

export interface Plot {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
  /** Drawn as a line across the bars. */
  readonly goal?: number;
}

export interface Benchmark {
  readonly measure: () => Promise<Figures>;
  readonly plot?: Plot;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** To so many decimal places. */
export function rounded(value: number, places = 0): number {
  const scale = 10 ** places;
  return Math.round(value * scale) / scale;
}
