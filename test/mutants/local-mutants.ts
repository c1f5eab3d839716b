// Bugs in the Azure that stands in for the real one: kinder than Azure is, so that tests would pass that should not.
// `find` must stand exactly once in its file, so that the list keeps in step with the code.
import { type AdapterMutant, by } from './adapter-mutant.ts';

export const LOCAL_MUTANTS: readonly AdapterMutant[] = [
  {
    name: 'keeps in memory what JSON would change',
    file: 'local/azure/memory/memory-json.ts',
    find: 'if (!isList && prototype !== Object.prototype) throw notJson(path);',
    replace: '',
    killer: by('memory.test.ts', 'what is not JSON is refused, or comes back as its JSON or not at all: a Date'),
  },
  {
    name: 'keeps in memory a field without a value',
    file: 'local/azure/memory/memory-json.ts',
    find: "if (field === undefined && name === 'label') continue;",
    replace: 'if (field === undefined) continue;',
    killer: by('memory.test.ts', 'what is not JSON is refused, or comes back as its JSON or not at all: no value'),
  },
  {
    name: 'takes an object for a column of the table',
    file: 'local/azure/memory/memory-table.ts',
    find: "  throw refused(400, 'InvalidInput');\n}\n\n/** The row itself",
    replace: '  return value as Value;\n}\n\n/** The row itself',
    killer: by('memory-table.test.ts', 'a Map as a column'),
  },
  {
    name: 'keeps half of a transaction that is refused',
    file: 'local/azure/memory/memory-table.ts',
    find: '        for (const [key, row] of former) this.#put(key, row);\n',
    replace: '',
    killer: by(
      'memory-table.test.ts',
      'a write that closes a request that is not open loses, together with its record and history',
    ),
  },
  {
    name: 'takes a secret with any number of tags',
    file: 'local/azure/world/key-vault.ts',
    find: 'if (Object.keys(tags).length > TAGS_MAXIMUM)',
    replace: 'if (Object.keys(tags).length < 0)',
    killer: by('memory.test.ts', 'what Key Vault refuses is refused'),
  },
  {
    name: 'takes a key-value of any size',
    file: 'local/azure/world/configuration-store.ts',
    find: "if (!fitsStore(key, content)) throw new WorldError('invalid', 'KeyValueTooLarge', key);",
    replace: '',
    killer: by('memory.test.ts', 'a key-value of more than 10 KB is refused'),
  },
  {
    name: 'lists accounts that the caller may not read',
    file: 'local/azure/servers/resource-manager/server.ts',
    find: '    .filter(isReadable);',
    replace: '    .filter((account) => isReadable(account) || true);',
    killer: by('rights.test.ts', 'has what the caller may read, also without a role on the subscription'),
  },
  {
    name: 'refuses a list that Azure filters',
    file: 'local/azure/servers/resource-manager/server.ts',
    find: 'handler.isFiltered === true ? undefined :',
    replace: '',
    killer: by('rights.test.ts', 'is empty, not refused, for a caller without any role on an account'),
  },
];
