import type { BuildOptions, Metafile } from 'esbuild';

/** What every bundle for the Functions host has in common. */
export const commonOptions: BuildOptions;

/** Builds the app into `outdir` (`dist` when absent). */
export function buildApp(outdir?: string): Promise<Metafile>;

/** Makes a folder that a host runs from: the built app, host.json and package.json. */
export function makeAppFolder(folder: string): Promise<void>;
