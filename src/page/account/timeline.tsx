// Plots the past: which slot was published when, shaded where both keys were valid, a dot where a slot got a new value.
// It must not be the only way to learn this: the history says the same in words.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { useMedia } from '../hooks.ts';
import type { HistoryLine } from '../types.ts';
import { LABEL_SPACE_PX, labelsOf, splitsOf } from './axis-labels.ts';
import { publicationsOf, REGENERATING, type Rotation, rotationsOf } from './rotations.ts';

const HEIGHT = 150;
const Y_AXIS_PX = 48;
const LANES: Readonly<Record<string, number>> = { key1: 2, key2: 1 };

interface Plot {
  readonly data: uPlot.AlignedData;
  readonly rotations: readonly Rotation[];
}

export function Timeline({ history }: { history: readonly HistoryLine[] }) {
  const host = useRef<HTMLDivElement>(null);
  const isDark = useMedia('(prefers-color-scheme: dark)');
  const rotations = useMemo(() => rotationsOf(history), [history]);
  const isWorthwhile = rotations.length > 0;
  useEffect(() => {
    const element = host.current;
    if (element === null || !isWorthwhile) return;
    const data = dataOf(history);
    const plot = new uPlot(optionsOf(element, { data, rotations }), data, element);
    const follow = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    follow.observe(element);
    return () => {
      follow.disconnect();
      plot.destroy();
    };
  }, [history, isDark, isWorthwhile]);
  if (!isWorthwhile) return null;
  const completed = rotations.filter(({ completedAt }) => completedAt !== undefined).length;
  return (
    <section class="panel" aria-labelledby="timeline-heading">
      <h2 id="timeline-heading">Timeline</h2>
      <figure>
        <div
          ref={host}
          class="plot"
          role="img"
          aria-label={`Timeline of ${rotations.length} rotations, ${completed} of them complete: which key was published when. The history below says the same.`}
        />
        <figcaption class="muted">
          The line is the published slot; shaded: both keys valid; dots: the slot got a new key.
        </figcaption>
      </figure>
    </section>
  );
}

/** Seconds; the published lane; regenerates of each lane. */
function dataOf(history: readonly HistoryLine[]): uPlot.AlignedData {
  const publications = publicationsOf(history);
  const regenerated = history.filter(({ kind, slot }) => slot !== undefined && REGENERATING.includes(kind));
  const marks = new Map(regenerated.map(({ at, slot = '' }) => [Date.parse(at), LANES[slot] ?? null]));
  const instants = [...new Set([...publications.map(({ at }) => at), ...marks.keys(), Date.now()])].sort(
    (a, b) => a - b,
  );
  const lanes = instants.map((at) => {
    const last = publications.findLast((entry) => entry.at <= at);
    return last === undefined ? null : (LANES[last.slot] ?? null);
  });
  return [instants.map((at) => at / 1_000), lanes, instants.map((at) => marks.get(at) ?? null)];
}

function optionsOf(element: HTMLElement, { rotations }: Plot): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui',
  };
  const paths = uPlot.paths.stepped?.({ align: 1 });
  const stepped = paths === undefined ? {} : { paths };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    // Half a label may stand out at the end.
    padding: [8, LABEL_SPACE_PX / 2, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false } },
    scales: { y: { range: [0.4, 2.6] } },
    axes: [
      {
        ...axis,
        size: 44,
        splits: (plot, _, from, to) => [...splitsOf(from, to, plot.width - Y_AXIS_PX - LABEL_SPACE_PX / 2)],
        values: (_, splits) => [...labelsOf(splits)],
      },
      {
        ...axis,
        size: Y_AXIS_PX,
        splits: () => [1, 2],
        values: (_, splits) => splits.map((lane) => (lane === 2 ? 'key1' : 'key2')),
      },
    ],
    series: [
      {},
      {
        stroke: colour('--good'),
        width: 4,
        ...stepped,
        points: { show: false },
      },
      {
        stroke: colour('--busy'),
        paths: () => null,
        points: { show: true, size: 9, fill: colour('--panel'), width: 2 },
      },
    ],
    hooks: { drawClear: [(plot) => shade(plot, rotations, colour('--busy-soft'))] },
  };
}

/** Where both keys were valid. */
function shade(plot: uPlot, rotations: readonly Rotation[], fill: string): void {
  const { left, top, width, height } = plot.bbox;
  plot.ctx.save();
  plot.ctx.beginPath();
  plot.ctx.rect(left, top, width, height);
  plot.ctx.clip();
  plot.ctx.fillStyle = fill;
  for (const { publishedAt, retiringAt } of rotations) {
    if (publishedAt === undefined) continue;
    const from = plot.valToPos(publishedAt / 1_000, 'x', true);
    const to = plot.valToPos((retiringAt ?? Date.now()) / 1_000, 'x', true);
    plot.ctx.fillRect(from, top, Math.max(1, to - from), height);
  }
  plot.ctx.restore();
}
