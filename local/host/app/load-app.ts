// Loads the built app: every file that `main` in its package.json matches, once, then its `appStart` hooks.
// It must not start listeners, and it must not be kinder than the real worker: the first entry file that throws ends
// the loading, and then the app has no functions at all.
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HostError, messageOf } from '../host-error.ts';
import { type HostLog, logSystem } from '../log.ts';
import type { AppRegistry, RegisteredFunction } from './app-registry.ts';

async function readMain(appFolder: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(join(appFolder, 'package.json'), 'utf8');
  } catch {
    throw new HostError(`There is no app in ${appFolder}: it has no package.json.`);
  }
  const { main } = JSON.parse(text) as { main?: unknown };
  if (typeof main === 'string' && main !== '') return main;
  throw new HostError(`There is no app in ${appFolder}: its package.json names no "main".`);
}

async function findEntryFiles(appFolder: string): Promise<string[]> {
  const main = await readMain(appFolder);
  const files: string[] = [];
  for await (const file of glob(main, { cwd: appFolder })) files.push(file);
  if (files.length === 0) {
    throw new HostError(`There is no app in ${appFolder}: nothing matches its "main", ${main}. Build it first.`);
  }
  return files.sort();
}

/** True when all entry files were loaded. */
async function loadEntryFiles(appFolder: string, files: readonly string[], log: HostLog): Promise<boolean> {
  for (const file of files) {
    try {
      await import(pathToFileURL(join(appFolder, file)).href);
    } catch (error) {
      logSystem(
        log,
        'error',
        `Worker was unable to load entry point "${file}": ${messageOf(error)} The app runs without any function.`,
      );
      return false;
    }
  }
  return true;
}

async function lockSetup(registry: AppRegistry): Promise<void> {
  const capabilities = await registry.model?.getCapabilities({});
  if (capabilities?.['HttpUri'] === undefined) return;
  throw new HostError('The app turns on HTTP streams, which the local host does not offer: set enableHttpStream off.');
}

/**
 * Loads and starts the app in `appFolder` and closes the registration. Returns its functions ordered by name, as in the
 * real host. Throws `HostError` when there is no app. Passes on any error of an `appStart` hook.
 */
export async function loadApp(
  appFolder: string,
  registry: AppRegistry,
  log: HostLog,
): Promise<readonly RegisteredFunction[]> {
  const isLoaded = await loadEntryFiles(appFolder, await findEntryFiles(appFolder), log);
  await registry.runHooks('appStart', {
    hookData: registry.appLevelHookData,
    appHookData: registry.appHookData,
    functionAppDirectory: appFolder,
  });
  await lockSetup(registry);
  registry.close();
  if (!isLoaded) return [];
  return [...registry.functions.values()].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}
