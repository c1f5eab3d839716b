// Bugs in the Azure that stands in for the real one: kinder than Azure is, so that tests would pass that should not.
// `find` must stand exactly once in its file, so that the list keeps in step with the code.
import { type AdapterMutant, by } from './adapter-mutant.ts';

const folder = 'local/azure';

export const LOCAL_MUTANTS: readonly AdapterMutant[] = [
  {
    name: 'keeps in memory what JSON would change',
    folder,
    file: 'memory/memory-json.ts',
    find: 'if (prototype !== Object.prototype && prototype !== Array.prototype) throw notJson(path);',
    replace: '',
    killer: by('memory.test.ts', 'what is not JSON is refused, or comes back as its JSON or not at all: a Date'),
  },
  {
    name: 'keeps in memory a field without a value',
    folder,
    file: 'memory/memory-json.ts',
    find: "if (field === undefined && name === 'label') continue;",
    replace: 'if (field === undefined) continue;',
    killer: by('memory.test.ts', 'what is not JSON is refused, or comes back as its JSON or not at all: no value'),
  },
  {
    name: 'takes an object for a column of the table',
    folder,
    file: 'memory/memory-table.ts',
    find: "  throw refused(400, 'InvalidInput');\n}\n\n/** The row itself",
    replace: '  return value as Value;\n}\n\n/** The row itself',
    killer: by('memory-table.test.ts', 'a Map as a column'),
  },
  {
    name: 'keeps half of a transaction that is refused',
    folder,
    file: 'memory/memory-table.ts',
    find: '        for (const [key, row] of former) this.#put(key, row);\n',
    replace: '',
    killer: by('memory-table.test.ts', 'a write that closes a request that is not open loses, together with its record and history'),
  },
  {
    name: 'lists accounts that the caller may not read',
    folder,
    file: 'servers/resource-manager/server.ts',
    find: '    .filter(isReadable);',
    replace: '    .filter((account) => isReadable(account) || true);',
    killer: by('rights.test.ts', 'has what the caller may read, also without a role on the subscription'),
  },
  {
    name: 'refuses a list that Azure filters',
    folder,
    file: 'servers/resource-manager/server.ts',
    find: 'handler.isFiltered === true ? undefined :',
    replace: '',
    killer: by('rights.test.ts', 'is empty, not refused, for a caller without any role on an account'),
  },
];
