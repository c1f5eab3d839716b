// Supplies the module `@azure/functions-core`: `@azure/functions` needs it, and only a Functions host provides it.
// One app per process: a bundled library keeps its first module. It must not load or invoke anything.
import { registerHooks } from 'node:module';
import { HostError } from '../host-error.ts';
import type { LogCategory, LogLevel } from '../log.ts';
import type { FunctionCallback, FunctionMetadata, ProgrammingModel } from '../rpc.ts';
import { type AppRegistry, Disposable, type HookCallback } from './app-registry.ts';

const SPECIFIER = '@azure/functions-core';
const MODULE_URL = new URL('functions-core.injected.cjs', import.meta.url).href;
const GLOBAL_KEY = 'ai-services-key-rotation.functions-core';

/** Version of the host as the app sees it; libraries look at the major number. */
export const HOST_VERSION = '4.0.0';

export type CoreLog = (level: LogLevel, category: LogCategory, message: string) => void;

function createCoreModule(registry: AppRegistry, log: CoreLog): object {
  return {
    version: HOST_VERSION,
    hostVersion: HOST_VERSION,
    registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) =>
      registry.registerFunction(metadata, callback),
    registerHook: (name: string, callback: HookCallback) => registry.registerHook(name, callback),
    setProgrammingModel: (model: ProgrammingModel) => {
      registry.model = model;
    },
    getProgrammingModel: () => registry.model,
    log,
    Disposable,
  };
}

/**
 * Makes `require` and `import` of `@azure/functions-core` return a module that registers with `registry`. Throws
 * `HostError` when the process already has such a module.
 */
export function installCoreModule(registry: AppRegistry, log: CoreLog): void {
  const key = Symbol.for(GLOBAL_KEY);
  if (Object.hasOwn(globalThis, key)) {
    throw new HostError('This process already runs an app: start each app in a process of its own.');
  }
  const core = createCoreModule(registry, log);
  Object.defineProperty(globalThis, key, { value: core });
  // A loader hook can return source text but no live value, so the module's text only fetches the object. Its last line
  // never runs: it shows Node the names that an `import` may ask for.
  const source = `module.exports = globalThis[Symbol.for(${JSON.stringify(GLOBAL_KEY)})];
0 && (module.exports = { ${Object.keys(core).join(', ')} });`;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === SPECIFIER ? { url: MODULE_URL, format: 'commonjs', shortCircuit: true } : next(specifier, context),
    load: (url, context, next) =>
      url === MODULE_URL ? { format: 'commonjs', source, shortCircuit: true } : next(url, context),
  });
}
