// Keeps a run's figures under bench/results with date and commit, and redraws the plots of docs/performance.md.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Benchmark, Figures } from './benchmark.ts';
import { drawPlot } from './plot.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const GIB = 1024 ** 3;

/** Answers the file that was written, below the root. */
export function save(
  benchmarks: Readonly<Record<string, Benchmark>>,
  results: Readonly<Record<string, Figures>>,
): string {
  const commit = commitOf();
  const date = new Date().toISOString();
  const machine = { cores: cpus().length, memoryGiB: Math.round(totalmem() / GIB), node: process.versions.node };
  const file = join('bench', 'results', `${date.slice(0, 10)}-${commit}.json`);
  mkdirSync(join(ROOT, 'bench', 'results'), { recursive: true });
  writeFileSync(join(ROOT, file), `${JSON.stringify({ date, commit, machine, results }, null, 2)}\n`);
  mkdirSync(join(ROOT, 'docs', 'images'), { recursive: true });
  for (const [name, figures] of Object.entries(results)) {
    const plot = benchmarks[name]?.plot;
    if (plot !== undefined) writeFileSync(join(ROOT, 'docs', 'images', `bench-${name}.svg`), drawPlot(plot, figures));
  }
  return file;
}

/** The commit that was measured; with a mark when the tree held changes besides. */
function commitOf(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  try {
    const isClean = git('status', '--porcelain', '--untracked-files=no') === '';
    return git('rev-parse', '--short', 'HEAD') + (isClean ? '' : '-changed');
  } catch {
    return 'unknown';
  }
}
