// Runs one invocation through the app's programming model: arguments, hooks, handler, response, time-out, log.
// It must not know the origin of a trigger's data, the target of outputs, or the use of the outcome.
import { randomBytes, randomUUID } from 'node:crypto';
import { race } from '../bounds.ts';
import { messageOf } from '../host-error.ts';
import type { HostLog, LogLevel } from '../log.ts';
import type { CoreInvocationContext, RpcInvocationRequest, RpcInvocationResponse, RpcTypedData } from '../rpc.ts';
import { type LogLabels, type LogOrigin, logThroughHooks } from './app-log.ts';
import type { AppRegistry, RegisteredFunction } from './app-registry.ts';
import type { OutputSender } from './queue-output.ts';

/** How an invocation ended. `timedOut`: it still runs, until the worker is replaced. */
export type InvocationOutcome =
  | { readonly status: 'succeeded'; readonly response: RpcInvocationResponse }
  | { readonly status: 'failed'; readonly error: unknown }
  | { readonly status: 'timedOut' };

/** The input from a trigger. */
export interface TriggerInput {
  readonly data: RpcTypedData;
  readonly metadata?: Readonly<Record<string, RpcTypedData>>;
  /** W3C `traceparent` of the caller, if it sent one. */
  readonly traceParent?: string | undefined;
}

function traceContext(parent: string | undefined): RpcInvocationRequest['traceContext'] {
  const fresh = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
  return { traceParent: parent ?? fresh, traceState: '' };
}

export class Invoker {
  readonly #registry: AppRegistry;
  readonly #log: HostLog;
  readonly #timeoutMs: number | undefined;
  readonly #send: OutputSender;
  readonly #running = new Set<Promise<unknown>>();
  #isTimedOut = false;
  /** Called when the first invocation has timed out. */
  onTimedOut: () => void = () => undefined;

  /** `timeoutMs` undefined: no bound. `send` delivers the outputs of functions. */
  constructor(registry: AppRegistry, log: HostLog, timeoutMs: number | undefined, send: OutputSender) {
    this.#registry = registry;
    this.#log = log;
    this.#timeoutMs = timeoutMs;
    this.#send = send;
  }

  /** Runs `fn` once and returns its outcome; never rejects. */
  async invoke(fn: RegisteredFunction, input: TriggerInput): Promise<InvocationOutcome> {
    const labels: LogLabels = { function: fn.name, invocationId: randomUUID() };
    const write = (level: LogLevel, message: string) =>
      this.#log.write({ level, category: 'system', message, ...labels });
    const startedAt = performance.now();
    write('information', `Executing 'Functions.${fn.name}' (Id=${labels.invocationId})`);
    const run = this.#run(fn, input, labels).catch(
      (error: unknown): InvocationOutcome => ({ status: 'failed', error }),
    );
    this.#running.add(run);
    void run.finally(() => this.#running.delete(run));
    const outcome = await this.#withTimeout(run);
    const durationMs = Math.round(performance.now() - startedAt);
    const end = (word: string) =>
      `Executed 'Functions.${fn.name}' (${word}, Id=${labels.invocationId}, Duration=${durationMs}ms)`;
    switch (outcome.status) {
      case 'succeeded':
        write('information', end('Succeeded'));
        break;
      case 'failed':
        write('error', `${end('Failed')} ${stackOf(outcome.error)}`);
        break;
      case 'timedOut':
        write('error', `${end('Failed')} Timeout value of ${this.#timeoutMs ?? 0} ms was exceeded by the function.`);
        if (!this.#isTimedOut) this.onTimedOut();
        this.#isTimedOut = true;
        break;
    }
    return outcome;
  }

  /** Resolves when nothing runs any more, including invocations that have timed out. Unbounded. */
  async idle(): Promise<void> {
    await Promise.all([...this.#running]);
  }

  #withTimeout(run: Promise<InvocationOutcome>): Promise<InvocationOutcome> {
    return this.#timeoutMs === undefined ? run : race(run, this.#timeoutMs, { status: 'timedOut' });
  }

  async #run(fn: RegisteredFunction, input: TriggerInput, labels: LogLabels): Promise<InvocationOutcome> {
    const { model, appHookData } = this.#registry;
    if (model === undefined) throw new Error('The app has set no programming model.');
    const origin: LogOrigin = { hookData: {}, invocationContext: undefined, labels };
    const core = this.#createContext(fn, input, origin);
    const invocation = model.getInvocationModel(core);
    const { context, inputs } = await invocation.getArguments();
    origin.invocationContext = context;
    const shared = { hookData: origin.hookData, appHookData, invocationContext: context };

    // Hooks may change their context, and the changed values are used.
    const before = { ...shared, functionCallback: fn.callback, inputs };
    core.state = 'preInvocationHooks';
    await this.#registry.runHooks('preInvocation', before);

    const nothing: unknown = null;
    const after = { ...shared, inputs: before.inputs, result: nothing, error: nothing };
    core.state = 'invocation';
    try {
      after.result = await invocation.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      after.error = error ?? new Error('The function threw nothing.');
    }
    core.state = 'postInvocationHooks';
    await this.#registry.runHooks('postInvocation', after);
    core.state = undefined;
    if (after.error !== null && after.error !== undefined) return { status: 'failed', error: after.error };
    const response = await invocation.getResponse(context, after.result);
    await this.#send(fn, response);
    return { status: 'succeeded', response };
  }

  #createContext(fn: RegisteredFunction, input: TriggerInput, origin: LogOrigin): CoreInvocationContext {
    const { invocationId } = origin.labels;
    return {
      invocationId,
      request: {
        invocationId,
        functionId: fn.name,
        inputData: [{ name: fn.triggerName, data: input.data }],
        triggerMetadata: input.metadata ?? {},
        traceContext: traceContext(input.traceParent),
      },
      metadata: fn.metadata,
      state: undefined,
      log: (level, category, message) =>
        logThroughHooks(this.#registry, this.#log, { level, category, message }, origin),
    };
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
}
