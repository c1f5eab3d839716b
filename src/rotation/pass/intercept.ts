// The only decorator around the ports: counting, tracing and (in tests) injected faults are interceptors.
// It must not change arguments or answers by itself; the interceptor sees each call and decides how to proceed.
import type { ServiceName } from '../errors.ts';
import type { Account } from '../model.ts';
import type { Ports } from '../ports.ts';

export interface PortCall {
  readonly service: ServiceName;
  /** Name of the port's method. */
  readonly operation: string;
  /** Absent for calls that serve the whole fleet. */
  readonly account: Account | undefined;
  /** True when the call may change the world. */
  readonly isEffect: boolean;
}

/** Runs around one port call; must return what `proceed` returns, or throw. */
export type Interceptor = <T>(call: PortCall, proceed: () => Promise<T>) => Promise<T>;

export function interceptPorts(ports: Ports, intercept: Interceptor): Ports {
  const around =
    (service: ServiceName) =>
    <T>(operation: string, isEffect: boolean, account: Account | undefined, proceed: () => Promise<T>): Promise<T> =>
      intercept({ service, operation, account, isEffect }, proceed);
  const arm = around('arm');
  const keyVault = around('keyVault');
  const appConfiguration = around('appConfiguration');
  const dataPlane = around('dataPlane');
  const table = around('table');
  const { keys, secrets, announcements, probes, records } = ports;
  return {
    keys: {
      // Not a call of a service: nothing is sent, so there is nothing to count, trace or make fail.
      admit: (a, call, urgency) => keys.admit(a, call, urgency),
      list: (a) => arm('list', false, a, () => keys.list(a)),
      regenerate: (a, slot) => arm('regenerate', true, a, () => keys.regenerate(a, slot)),
    },
    secrets: {
      readNewest: (a) => keyVault('readNewest', false, a, () => secrets.readNewest(a)),
      readVersion: (a, version) => keyVault('readVersion', false, a, () => secrets.readVersion(a, version)),
      publish: (a, content) => keyVault('publish', true, a, () => secrets.publish(a, content)),
      disable: (a, version, at) => keyVault('disable', true, a, () => secrets.disable(a, version, at)),
    },
    announcements: {
      read: (a) => appConfiguration('read', false, a, () => announcements.read(a)),
      writeReference: (a, version, former) =>
        appConfiguration('writeReference', true, a, () => announcements.writeReference(a, version, former)),
      writeFlag: (a, slot, version, former) =>
        appConfiguration('writeFlag', true, a, () => announcements.writeFlag(a, slot, version, former)),
    },
    probes: { probe: (a, value) => dataPlane('probe', false, a, () => probes.probe(a, value)) },
    records: {
      read: (a) => table('read', false, a, () => records.read(a)),
      readNamesakes: (a) => table('readNamesakes', false, a, () => records.readNamesakes(a)),
      write: (a, etag, change) => table('write', true, a, () => records.write(a, etag, change)),
    },
  };
}
