import type { Metafile } from 'esbuild';

/** The status page as one HTML file, and esbuild's metafile. */
export function buildPage(): Promise<{ html: string; metafile: Metafile }>;
