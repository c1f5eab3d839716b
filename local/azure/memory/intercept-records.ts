// Ports whose every call goes through an interceptor, even calls that only rooms above the core make. Tests and
// measurements use them to count calls or to make them fail.
import type { FleetRecords } from '../../../src/fleet/ports.ts';
import type { OperatorPorts, RequestRecords } from '../../../src/operators/ports.ts';
import type { Account } from '../../../src/rotation/model.ts';
import { type Interceptor, interceptPorts } from '../../../src/rotation/pass/intercept.ts';

export function interceptAllPorts(ports: OperatorPorts, intercept: Interceptor): OperatorPorts {
  const core = interceptPorts(ports, intercept);
  return { ...core, records: { ...core.records, ...interceptOthers(ports.records, intercept) } };
}

function interceptOthers(records: OperatorPorts['records'], intercept: Interceptor): FleetRecords & RequestRecords {
  const table = <T>(
    operation: string,
    isEffect: boolean,
    account: Account | undefined,
    proceed: () => Promise<T>,
  ): Promise<T> => intercept({ service: 'table', operation, account, isEffect }, proceed);
  return {
    insertRequest: (a, request, history) =>
      table('insertRequest', true, a, () => records.insertRequest(a, request, history)),
    readRequest: (a, id) => table('readRequest', false, a, () => records.readRequest(a, id)),
    listRequests: (a, limit, after) => table('listRequests', false, a, () => records.listRequests(a, limit, after)),
    listEmergencies: (a, since) => table('listEmergencies', false, a, () => records.listEmergencies(a, since)),
    findConfigured: (by) => table('findConfigured', false, undefined, () => records.findConfigured(by)),
    acknowledge: (a, entry) => table('acknowledge', true, a, () => records.acknowledge(a, entry)),
    setPause: (a, pause, change) => table('setPause', true, a, () => records.setPause(a, pause, change)),
    listDue: (now) => table('listDue', false, undefined, () => records.listDue(now)),
    listStatus: () => table('listStatus', false, undefined, () => records.listStatus()),
    listHistory: (a, limit, after) => table('listHistory', false, a, () => records.listHistory(a, limit, after)),
    noteTick: (note) => table('noteTick', true, undefined, () => records.noteTick(note)),
    listTicks: () => table('listTicks', false, undefined, () => records.listTicks()),
    forgetOld: (id, old) => table('forgetOld', true, undefined, () => records.forgetOld(id, old)),
    forgetAccount: (id, before) => table('forgetAccount', true, undefined, () => records.forgetAccount(id, before)),
  };
}
