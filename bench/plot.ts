// Draws one benchmark as horizontal bars, as SVG that reads in light and in dark. It must not measure.
import type { Figures, Plot } from './benchmark.ts';

const WIDTH = 720;
const LABEL_WIDTH = 250;
const VALUE_WIDTH = 90;
const ROW_HEIGHT = 28;
const TOP = 44;
const BAR_WIDTH = WIDTH - LABEL_WIDTH - VALUE_WIDTH;

const STYLE = [
  'text{font:13px system-ui,sans-serif;fill:#1f2328}',
  '.title{font-size:15px;font-weight:600}',
  '.bar{fill:#2f6feb}',
  '.goal{stroke:#bc4c00;stroke-width:2;stroke-dasharray:4 3}',
  '.goal-text{fill:#bc4c00}',
  '@media(prefers-color-scheme:dark){text{fill:#e6edf3}.bar{fill:#4493f8}.goal{stroke:#f0883e}.goal-text{fill:#f0883e}}',
].join('');

export function drawPlot({ title, unit, bars, goal }: Plot, figures: Figures): string {
  const values = bars.map(({ figure }) => Number(figures[figure] ?? 0));
  const longest = Math.max(...values, goal ?? 0) || 1;
  const x = (value: number): number => LABEL_WIDTH + (value / longest) * BAR_WIDTH;
  const rows = bars.map(({ label }, index) => {
    const value = values[index] ?? 0;
    const y = TOP + index * ROW_HEIGHT;
    const end = x(value);
    return [
      `<text x="${LABEL_WIDTH - 10}" y="${y + 17}" text-anchor="end">${escaped(label)}</text>`,
      `<rect class="bar" x="${LABEL_WIDTH}" y="${y + 4}" width="${Math.max(1, end - LABEL_WIDTH).toFixed(1)}" height="18" rx="3"/>`,
      `<text x="${(end + 6).toFixed(1)}" y="${y + 17}">${value.toLocaleString('en-GB')}</text>`,
    ].join('');
  });
  const bottom = TOP + bars.length * ROW_HEIGHT;
  const line =
    goal === undefined
      ? ''
      : `<line class="goal" x1="${x(goal).toFixed(1)}" x2="${x(goal).toFixed(1)}" y1="${TOP}" y2="${bottom}"/>` +
        `<text class="goal-text" x="${x(goal).toFixed(1)}" y="${bottom + 16}" text-anchor="middle">goal ${goal}</text>`;
  const height = bottom + (goal === undefined ? 8 : 26);
  const head = `<text class="title" x="0" y="22">${escaped(title)} (${escaped(unit)})</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">` +
    `<style>${STYLE}</style>${head}${rows.join('')}${line}</svg>\n`
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
