// The local Functions host: loads the built app, wires its functions to their triggers, and ends everything in order.
// It must not know the details of a trigger: each trigger has a file of its own. One app per process.
import { resolve } from 'node:path';
import { logThroughHooks } from './app/app-log.ts';
import { AppRegistry } from './app/app-registry.ts';
import { installCoreModule } from './app/core-module.ts';
import { type InvocationOutcome, Invoker } from './app/invoke.ts';
import { loadApp } from './app/load-app.ts';
import { createQueueOutput } from './app/queue-output.ts';
import { race } from './bounds.ts';
import { HostError, messageOf } from './host-error.ts';
import { createAccessCheck, KEYS_SETTING, NO_KEYS } from './listeners/access-keys.ts';
import { createAdminHandler } from './listeners/admin.ts';
import { createEventGridHandler } from './listeners/event-grid.ts';
import { createHttpHandler } from './listeners/http.ts';
import { createLandingPage } from './listeners/landing-page.ts';
import { queueListeners } from './listeners/queue.ts';
import { SingletonListener } from './listeners/singleton.ts';
import type { ScheduleStatus, ScheduleStore } from './listeners/timer.ts';
import type { ListenerFactory, TriggerListener } from './listeners/trigger.ts';
import { WebServer } from './listeners/web-server.ts';
import { createLog, type HostLog, logSystem } from './log.ts';
import { applySettings, type HostConfig, readHostConfig, readSettingsFile } from './settings.ts';
import { NO_LEASES, openLeases } from './storage-blobs.ts';
import { StorageWatch } from './storage-watch.ts';
import { type Wiring, wire } from './wiring.ts';

export interface HostOptions {
  /** Folder with package.json and host.json. */
  readonly appFolder: string;
  /** 0: a free one. */
  readonly port: number;
  /** JSON in the shape of local.settings.json. Its values go into `process.env` where that lacks them. */
  readonly settingsFile?: string | undefined;
  /** Demand function, system and master keys as Azure does. Default false, as with `func start`. */
  readonly isKeyRequired?: boolean | undefined;
  /** Default: JSON lines on stderr. */
  readonly log?: HostLog | undefined;
  /** Milliseconds that running invocations have to end on close. Default 10 s. */
  readonly drainMs?: number | undefined;
  /** Status of timers. Default: kept in memory, gone with the host. */
  readonly schedules?: ScheduleStore | undefined;
  /**
   * Called once, when a function has run into `functionTimeout` and every running request has its answer. As in the real
   * host, the caller must then end everything that runs here and start again. Default: nothing.
   */
  readonly onTimedOut?: (() => void) | undefined;
  /**
   * Called with one sentence when storage refuses the host after its start. As in the real host, the caller must then
   * end everything that runs here. Default: nothing.
   */
  readonly onStorageRefused?: ((sentence: string) => void) | undefined;
  /** Further kinds of trigger, by lower-case type. `queuetrigger` replaces the host's own listener. */
  readonly listeners?: Readonly<Record<string, ListenerFactory>> | undefined;
}

export interface Host {
  readonly port: number;
  /** Names of the functions that are served, in order. */
  readonly functions: readonly string[];
  /** Runs a timer function now and returns its outcome. Rejects when there is no such timer function. */
  invokeTimer(name: string): Promise<InvocationOutcome>;
  /** Stops accepting, lets running invocations end, runs `appTerminate` hooks; safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts the app in `options.appFolder` in this process. Throws `HostError` with one sentence when it cannot: no app,
 * port in use, unreadable settings, or a second app in one process.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const appFolder = resolve(options.appFolder);
  const log = options.log ?? createLog(process.stderr);
  if (options.settingsFile !== undefined) applySettings(await readSettingsFile(options.settingsFile), process.env);
  const config = await readHostConfig(appFolder, process.env);
  const isAllowed = options.isKeyRequired === true ? createAccessCheck(process.env[KEYS_SETTING]) : NO_KEYS;

  const registry = new AppRegistry();
  installCoreModule(registry, (level, category, message) =>
    logThroughHooks(registry, log, { level, category, message }),
  );
  const functions = await loadApp(appFolder, registry, log);
  const invoker = new Invoker(registry, log, config.functionTimeoutMs, createQueueOutput(config.queues, process.env));
  const watch = new StorageWatch();
  const wiring = wire(
    functions,
    { invoker, log, settings: process.env, watch },
    {
      routePrefix: config.routePrefix,
      schedules: options.schedules ?? new Map<string, ScheduleStatus>(),
      listeners: { queuetrigger: queueListeners(config.queues), ...options.listeners },
    },
  );
  const server = new WebServer(
    [
      createAdminHandler(wiring.manual, isAllowed),
      createEventGridHandler(wiring.eventGrid, invoker, isAllowed),
      createHttpHandler(wiring.endpoints, invoker, isAllowed),
      createLandingPage(process.env),
    ],
    log,
  );
  const timers = await singletonsOf(wiring, config, watch);
  const listeners: TriggerListener[] = [...timers, ...wiring.others];
  await startAll(listeners, watch);
  watch.onRefused = (sentence) => options.onStorageRefused?.(sentence);
  const port = await server.listen(options.port);
  for (const { fn, methods, template } of wiring.endpoints) {
    logSystem(log, 'information', `[${methods.join(',')}] http://127.0.0.1:${port}/${template}`, fn.name);
  }
  invoker.onTimedOut = () => void replace(server, timers).then(options.onTimedOut);

  const close = async () => {
    server.stopAccepting();
    const boundMs = options.drainMs ?? 10_000;
    const ended = Promise.all([invoker.idle(), ...listeners.map((listener) => listener.stop())]).then(() => true);
    if (!(await race(ended, boundMs, false))) {
      logSystem(log, 'warning', `Invocations were still running after ${boundMs} ms and are left behind.`);
    }
    watch.stop();
    await endApp(registry, log);
    await server.closeConnections();
  };
  let closing: Promise<void> | undefined;
  return {
    port,
    functions: wiring.served,
    async invokeTimer(name) {
      const timer = wiring.timers.get(name);
      if (timer === undefined) throw new HostError(`There is no timer function '${name}'.`);
      return await timer.runNow();
    },
    close: () => (closing ??= close()),
  };
}

/** The timers, each behind the lock that lets it run on one host alone. Without storage there is no lock. */
async function singletonsOf(
  { timers }: Wiring,
  { listenerLockPeriodMs: lockPeriodMs }: HostConfig,
  watch: StorageWatch,
): Promise<readonly SingletonListener[]> {
  const hostId = process.env['AzureFunctionsWebHost__hostid'] ?? process.env['WEBSITE_SITE_NAME'] ?? 'local';
  const leases = (await openLeases(process.env, hostId)) ?? NO_LEASES;
  return [...timers].map(([name, inner]) => new SingletonListener({ name, inner, leases, lockPeriodMs, watch }));
}

/** Before the port is open: storage that refuses at the start ends the real host before it listens. */
function startAll(listeners: readonly TriggerListener[], watch: StorageWatch): Promise<unknown> {
  const refused = new Promise<never>((_, reject) => {
    watch.onRefused = (sentence) => reject(new HostError(sentence));
  });
  return Promise.race([Promise.all(listeners.map((listener) => listener.start())), refused]);
}

/** Ends the requests under way. The locks stay with the host: the next worker needs them at once. */
async function replace(server: WebServer, timers: readonly SingletonListener[]): Promise<void> {
  await server.abandon();
  await Promise.all(timers.map((timer) => timer.release()));
}

async function endApp(registry: AppRegistry, log: HostLog): Promise<void> {
  const context = { hookData: registry.appLevelHookData, appHookData: registry.appHookData };
  try {
    await race(registry.runHooks('appTerminate', context), 5_000, undefined);
  } catch (error) {
    logSystem(log, 'error', `An appTerminate hook failed: ${messageOf(error)}`);
  }
}
