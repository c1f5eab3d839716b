// The registrations of an app: functions, hooks, programming model. It must not load, start or invoke anything.
// Registration closes when the app has started, as in the real worker.
import type { FunctionCallback, FunctionMetadata, ProgrammingModel, RpcBindingInfo } from '../rpc.ts';

export type HookName = 'appStart' | 'appTerminate' | 'preInvocation' | 'postInvocation' | 'log';
export type HookCallback = (context: object) => unknown;
export type HookData = Record<string, unknown>;

const HOOK_NAMES: readonly string[] = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'];

/** A function with its one trigger picked out. */
export interface RegisteredFunction {
  readonly name: string;
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
  readonly trigger: RpcBindingInfo;
  /** Name of the trigger's binding. The trigger's data is passed under this name. */
  readonly triggerName: string;
  /** Lower case, for instance `httptrigger`. */
  readonly triggerType: string;
}

/** Undoes a registration; the shape that `@azure/functions-core` promises. */
export class Disposable {
  readonly #undo: () => void;

  constructor(undo: () => void) {
    this.#undo = undo;
  }

  dispose(): void {
    this.#undo();
  }
}

function pickTrigger(metadata: FunctionMetadata): Pick<RegisteredFunction, 'trigger' | 'triggerName' | 'triggerType'> {
  for (const [triggerName, trigger] of Object.entries(metadata.bindings)) {
    const triggerType = trigger.type?.toLowerCase() ?? '';
    if (triggerType.endsWith('trigger')) return { trigger, triggerName, triggerType };
  }
  throw new Error(`Function "${metadata.name}" has no trigger.`);
}

export class AppRegistry {
  readonly functions = new Map<string, RegisteredFunction>();
  /** Shared by all hooks of the app. */
  readonly appHookData: HookData = {};
  /** Shared by `appStart` and `appTerminate` only. */
  readonly appLevelHookData: HookData = {};
  model: ProgrammingModel | undefined;
  readonly #hooks = new Map<HookName, HookCallback[]>();
  #isClosed = false;

  /** Ends registration: afterwards `registerFunction` throws. */
  close(): void {
    this.#isClosed = true;
  }

  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    if (this.#isClosed) throw new Error('A function can only be registered during app startup.');
    const { name } = metadata;
    if (this.functions.has(name)) throw new Error(`A function with id "${name}" has already been registered.`);
    this.functions.set(name, { name, metadata, callback, ...pickTrigger(metadata) });
    return new Disposable(() => {
      if (this.#isClosed) throw new Error('A function can only be disposed during app startup.');
      this.functions.delete(name);
    });
  }

  registerHook(name: string, callback: HookCallback): Disposable {
    if (!HOOK_NAMES.includes(name)) throw new RangeError(`Unrecognized hook "${name}"`);
    const callbacks = this.hooks(name as HookName);
    callbacks.push(callback);
    return new Disposable(() => {
      const index = callbacks.indexOf(callback);
      if (index >= 0) callbacks.splice(index, 1);
    });
  }

  /** The callbacks of one hook in the order of their registration. */
  hooks(name: HookName): HookCallback[] {
    let callbacks = this.#hooks.get(name);
    if (callbacks === undefined) {
      callbacks = [];
      this.#hooks.set(name, callbacks);
    }
    return callbacks;
  }

  /** Runs the callbacks of one hook one after the other; the first that throws ends it. */
  async runHooks(name: HookName, context: object): Promise<void> {
    for (const callback of [...this.hooks(name)]) await callback(context);
  }
}
