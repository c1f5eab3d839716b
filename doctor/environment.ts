// Reads the settings that the doctor examines: the process environment, then the `Values` of a Functions settings file.
// It must not judge the settings: `parseSettings` does, as in the app.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Environment } from '../src/config/settings.ts';

const settingsFile = z.object({ Values: z.record(z.string(), z.string()) });

/**
 * The environment wins over the file, so that an operator can try one value without an edit. The default file may be
 * missing. A named file must exist and be a settings file, else this throws one sentence.
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
    // The parser's message may quote a value.
    throw new Error(`${file} is not a settings file: JSON with an object "Values" of texts.`);
  }
}
