// Bugs in what removes old rows: too much, too early, or an account that has come back.
// `find` must stand exactly once in its file, so that the list keeps in step with the code.
import { type AdapterMutant, by, inAdapters } from './adapter-mutant.ts';

export const RETENTION_MUTANTS: readonly AdapterMutant[] = [
  {
    name: 'removes open requests that are old',
    file: 'table/retention.ts',
    find: 'and closedAt lt',
    replace: 'and at lt',
    killer: inAdapters('requests go by the instant at which they were closed; an open one stays'),
  },
  {
    name: 'removes lines of the history of the very instant',
    file: 'table/rows/keys.ts',
    find: '${padded(LATEST - before, TIME_DIGITS)}}',
    replace: '${padded(LATEST - before, TIME_DIGITS)}',
    killer: inAdapters('lines of the history go by the instant of the event'),
  },
  {
    name: 'removes acknowledgements of consumers that the policy names',
    file: 'table/retention.ts',
    find: '!named.has(String(row',
    replace: 'named.size >= 0 || !named.has(String(row',
    killer: inAdapters('acknowledgements go if they are old and their consumers are not named, in any case'),
  },
  {
    name: 'removes an account that is in the fleet again',
    file: 'table/retention.ts',
    find: ' || !hasLeft(readEntityRow(entity).entity, before)',
    replace: '',
    killer: inAdapters('an account that has come back stays, whatever it was before'),
  },
  {
    name: 'removes an account that comes back meanwhile',
    file: 'table/retention.ts',
    find: "'Replace', { etag }]",
    replace: "'Replace', { etag: '*' }]",
    killer: by('retention.test.ts', 'keeps its record, pause, requests and history'),
  },
  {
    name: 'removes the record before the rest',
    file: 'table/retention.ts',
    find: 'if (isRest || etag === undefined) return count;',
    replace: 'if (etag === undefined) return count;',
    killer: by('retention.test.ts', 'goes in several calls if it has more rows than one call takes, its entity last'),
  },
  {
    name: 'keeps the name of an account that it removes',
    file: 'table/retention.ts',
    find: "await remove('forgetAccount', oneRow(nameKey({ id })))",
    replace: '0',
    killer: by('retention.test.ts', 'is found again by the next round if the removal was interrupted'),
  },
  {
    name: 'keeps the rows of accounts that the search has forgotten',
    file: 'table/discovery.ts',
    find: "      await removeRows(table, 'writeDiscovery', gone, deadline);\n",
    replace: '',
    killer: by('retention.test.ts', 'an account that the search for accounts does not know any more has no row'),
  },
];
