// Builds the consumer Function App into a folder that a Functions host runs and `func azure functionapp publish` deploys.
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { commonOptions } from '../../scripts/build.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const OUT = fileURLToPath(new URL('../../out/consumer-function-app', import.meta.url));
const FUNCTIONS = ['on-new-key', 'detect-language'];

/** Answers the folder. */
export async function buildConsumerApp(): Promise<string> {
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT, { recursive: true });
  await build({
    ...commonOptions,
    entryPoints: FUNCTIONS.map((name) => join(HERE, 'functions', `${name}.ts`)),
    outdir: join(OUT, 'dist', 'functions'),
    chunkNames: '../chunks/[name]-[hash]',
  });
  await copyFile(join(HERE, 'host.json'), join(OUT, 'host.json'));
  await writeFile(join(OUT, 'package.json'), JSON.stringify({ type: 'module', main: 'dist/functions/*.js' }));
  return OUT;
}
