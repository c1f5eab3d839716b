// What the doctor is told: the process environment, and under it the values of a settings file as the Functions tools keep it.
// It must not judge the settings: `parseSettings` does, as in the app.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Environment } from '../src/config/settings.ts';

const settingsFile = z.object({ Values: z.record(z.string(), z.string()) });

/**
 * The environment wins over the file, so that one value can be tried without an edit. A file that nobody asked for may
 * be missing; one that was named must be there and understood, else this throws one sentence.
 */
export async function readEnvironment(process: Environment, named: string | undefined): Promise<Environment> {
  const values = await readValues(named ?? 'local.settings.json', named !== undefined);
  return { ...values, ...process };
}

async function readValues(file: string, isNeeded: boolean): Promise<Environment> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    if (!isNeeded) return {};
    throw new Error(`${file} could not be read.`);
  }
  try {
    return settingsFile.parse(JSON.parse(text)).Values;
  } catch {
    // The parser's own words may quote a value.
    throw new Error(`${file} is not a settings file: JSON with an object "Values" of texts.`);
  }
}
