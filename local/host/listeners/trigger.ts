// The interface of a trigger that comes to the host by itself (a timer, a queue). Triggers that are called over HTTP
// are web handlers instead. A factory adds a new kind of trigger; the host itself need not change.
import type { RegisteredFunction } from '../app/app-registry.ts';
import type { Invoker } from '../app/invoke.ts';
import type { HostLog } from '../log.ts';
import type { StorageWatch } from '../storage-watch.ts';

export interface TriggerListener {
  /**
   * Begins to listen. Resolves when the service behind the trigger has answered; must not wait for the first invocation.
   */
  start(): Promise<void>;
  /** Begins no further invocation; resolves when the running ones have ended. */
  stop(): Promise<void>;
}

export interface ListenerContext {
  readonly invoker: Invoker;
  readonly log: HostLog;
  /** Settings by name. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** Is told what a listener meets at the host's storage. */
  readonly watch: StorageWatch;
}

/** Makes the listener of one function; throws with a sentence when its binding cannot be served. */
export type ListenerFactory = (fn: RegisteredFunction, context: ListenerContext) => TriggerListener;
