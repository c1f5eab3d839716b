import type { BuildOptions, Metafile } from 'esbuild';

/** What every bundle for the Functions host has in common. */
export const commonOptions: BuildOptions;

/** Builds the app into `outdir` (`dist` when absent). */
export function buildApp(outdir?: string): Promise<Metafile>;
