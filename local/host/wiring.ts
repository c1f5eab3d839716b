// Gives each function of the app to the endpoint or listener for its trigger. It must not start or listen. A function
// that cannot be served must not stop the others.

import type { RegisteredFunction } from './app/app-registry.ts';
import { messageOf } from './host-error.ts';
import type { ManualRun } from './listeners/admin.ts';
import { createEndpoint, type HttpEndpoint, manualRequest } from './listeners/http.ts';
import { parseSchedule } from './listeners/ncrontab.ts';
import { type ScheduleStore, TimerListener } from './listeners/timer.ts';
import type { ListenerContext, ListenerFactory, TriggerListener } from './listeners/trigger.ts';
import { logSystem } from './log.ts';
import { expandSettings } from './settings.ts';

export interface WiringOptions {
  readonly routePrefix: string;
  readonly schedules: ScheduleStore;
  /** Further kinds of trigger, by lower-case type. */
  readonly listeners: Readonly<Record<string, ListenerFactory | undefined>>;
}

/** The functions, grouped by trigger. */
export interface Wiring {
  readonly endpoints: HttpEndpoint[];
  readonly eventGrid: RegisteredFunction[];
  readonly timers: Map<string, TimerListener>;
  readonly others: TriggerListener[];
  readonly manual: Map<string, ManualRun>;
  readonly served: string[];
}

function createTimer(fn: RegisteredFunction, context: ListenerContext, store: ScheduleStore): TimerListener {
  const { schedule: text, runOnStartup, useMonitor } = fn.trigger;
  const expansion = expandSettings(typeof text === 'string' ? text : '', context.settings);
  if (!expansion.isResolved) throw new Error(`'%${expansion.missing}%' does not resolve to a value.`);
  const schedule = parseSchedule(expansion.text);
  if (schedule === undefined) {
    throw new Error(
      `The schedule expression '${expansion.text}' was not recognized as a valid cron expression or timespan string.`,
    );
  }
  return new TimerListener({
    name: fn.name,
    schedule,
    useMonitor: useMonitor !== false,
    runOnStartup: runOnStartup === true,
    store,
    run: (payload) => context.invoker.invoke(fn, { data: payload }),
  });
}

function wireOne(fn: RegisteredFunction, wiring: Wiring, context: ListenerContext, options: WiringOptions): void {
  if (fn.triggerType === 'httptrigger') {
    const endpoint = createEndpoint(fn, options.routePrefix);
    wiring.endpoints.push(endpoint);
    wiring.manual.set(fn.name.toLowerCase(), (input) => context.invoker.invoke(fn, manualRequest(endpoint, input)));
  } else if (fn.triggerType === 'eventgridtrigger') {
    wiring.eventGrid.push(fn);
    wiring.manual.set(fn.name.toLowerCase(), (input) => context.invoker.invoke(fn, { data: { string: input } }));
  } else if (fn.triggerType === 'timertrigger') {
    const timer = createTimer(fn, context, options.schedules);
    wiring.timers.set(fn.name, timer);
    wiring.manual.set(fn.name.toLowerCase(), () => timer.runNow());
  } else {
    const create = options.listeners[fn.triggerType];
    if (create === undefined) throw new Error(`The local host has no listener for '${fn.triggerType}'.`);
    wiring.others.push(create(fn, context));
    wiring.manual.set(fn.name.toLowerCase(), (input) => context.invoker.invoke(fn, { data: { string: input } }));
  }
  wiring.served.push(fn.name);
}

/** Wires every function that it can. The log names each of the other functions. */
export function wire(
  functions: readonly RegisteredFunction[],
  context: ListenerContext,
  options: WiringOptions,
): Wiring {
  const wiring: Wiring = { endpoints: [], eventGrid: [], timers: new Map(), others: [], manual: new Map(), served: [] };
  for (const fn of functions) {
    try {
      wireOne(fn, wiring, context, options);
    } catch (error) {
      logSystem(context.log, 'error', `The '${fn.name}' function is in error: ${messageOf(error)}`, fn.name);
    }
  }
  return wiring;
}
