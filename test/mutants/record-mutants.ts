// Bugs in the table of records, in the probes, and in how refusals are told apart.
// `find` must stand exactly once in its file, so that the list keeps in step with the code.
import { type AdapterMutant, by, inAdapters, inFaults, inTableFormat, inWireFormat } from './adapter-mutant.ts';

const RECORDS: readonly AdapterMutant[] = [
  {
    name: 'takes names from outside into keys as they are',
    file: 'table/rows/keys.ts',
    find: "parts.map(escaped).join('|')",
    replace: "parts.join('|')",
    killer: by('table-keys.test.ts', 'every key is one that the table takes'),
  },
  {
    name: 'keeps no row of the name of an account',
    file: 'table/actions.ts',
    find: '...(hasNameRow(change) ? [',
    replace: '...(hasNameRow({ ...change, history: [] }) ? [',
    killer: inAdapters('an account that was adopted is found under another id of the same name, whatever its case'),
  },
  {
    name: 'lists requests the oldest first',
    file: 'table/rows/request-rows.ts',
    find: 'a.position < b.position ? -1 : 1',
    replace: 'a.position > b.position ? -1 : 1',
    killer: inAdapters('all requests are listed, closed or not, the newest first'),
  },
  {
    name: 'writes a record again when its answer is lost',
    file: 'table/client.ts',
    find: '    ...clientOptions(),\n    allowInsecureConnection',
    replace:
      '    ...clientOptions(),\n    retryOptions: { maxRetries: 3, retryDelayInMs: 1 },\n    allowInsecureConnection',
    killer: inFaults('record: thrown as Unavailable, written once with one line of history'),
  },
  {
    name: 'writes a record whatever its ETag',
    file: 'table/actions.ts',
    find: "'Replace', { etag: expected }]",
    replace: "'Replace', { etag: '*' }]",
    killer: inAdapters('a stale ETag loses, together with its closings and history'),
  },
  {
    name: 'writes over a record that it thought absent',
    file: 'table/actions.ts',
    find: "? ['create', row]",
    replace: "? ['upsert', row, 'Replace']",
    killer: inAdapters('of two that insert one loses'),
  },
  {
    name: 'leaves the closing of a request out of the transaction',
    file: 'table/actions.ts',
    find: '    ...requestChangesOf(change).flatMap((of) => requestActions(account, of, at)),\n',
    replace: '',
    killer: inAdapters('closing a request and the write that it belongs to are one'),
  },
  {
    name: 'leaves the history out of the transaction',
    file: 'table/actions.ts',
    find: '    ...historyActions(account, history, { revision: entity.revision }, notified),\n',
    replace: '',
    killer: inAdapters('history comes newest first, across writes and within one, up to the limit'),
  },
  {
    name: 'takes a row that is gone for a missing resource',
    file: 'table/client.ts',
    find: "operation === 'write' && statusOf(error) === 404",
    replace: "operation === 'never' && statusOf(error) === 404",
    killer: inAdapters('an ETag of an entity that does not exist loses'),
  },
  {
    name: 'finds an account due only after its time',
    file: 'table/records.ts',
    find: 'nextObservationAt le',
    replace: 'nextObservationAt lt',
    killer: inAdapters('an account is due when its time has come or a request is open'),
  },
  {
    name: 'does not wake an account for an open request',
    file: 'table/rows/request-rows.ts',
    find: '{ ...requestColumns(account, request), nextObservationAt: int64(dueAt) }',
    replace: 'requestColumns(account, request)',
    killer: inAdapters('an account is due when its time has come or a request is open'),
  },
  {
    name: 'overlooks a damaged request for a leaked key',
    file: 'table/rows/rows.ts',
    find: 'damage ??= keep(requestRow, entry, name,',
    replace: 'keep(requestRow, entry, name,',
    killer: inTableFormat('an account with a damaged request is unreadable: a leaked key must not be overlooked'),
  },
  {
    name: 'keeps a request urgent whose value is replaced',
    file: 'table/rows/request-rows.ts',
    find: 'mark.replacedAt === undefined ? undefined : int64(NEVER_DUE)',
    replace: 'mark.replacedAt === undefined ? int64(NEVER_DUE) : undefined',
    killer: inAdapters('once its value is replaced a request stays open, and its account is neither due nor urgent'),
  },
  {
    name: 'pauses an account without touching its record',
    file: 'table/actions.ts',
    find: 'const isTouched = stored.etag !== undefined && !isEntityKept;',
    replace: 'const isTouched = stored.etag !== undefined && !isEntityKept && at < 0;',
    killer: inAdapters('a pass that has read before the pause loses its next write'),
  },
  {
    name: 'sends transactions of any number of operations',
    file: 'table/limits.ts',
    find: 'if (count <= ROWS_OF_A_TRANSACTION) return;',
    replace: 'if (count >= 0) return;',
    killer: inTableFormat('what Azure refuses is not sent'),
  },
  {
    name: 'takes any key that ends like that of a record for one',
    file: 'table/rows/keys.ts',
    find: 'return ENTITY_KEY.test(key);',
    replace: "return key.startsWith('a|') && key.endsWith('|0');",
    killer: inAdapters('a request and a consumer may be named "0"'),
  },
  {
    name: 'reads a record of a newer version as its own',
    file: 'table/rows/record-codec.ts',
    find: 'if (schema !== SCHEMA) {',
    replace: "if (typeof schema !== 'number') {",
    killer: by('record-codec.test.ts', 'a newer schema is unreadable, and the field is named'),
  },
  {
    name: 'drops fields that it does not know, which the next write would lose',
    file: 'table/rows/record-codec.ts',
    find: "  z.strictObject({\n    ...base,\n    phase: z.literal('idle'),",
    replace: "  z.object({\n    ...base,\n    phase: z.literal('idle'),",
    killer: by('record-codec.test.ts', 'a field of a newer version is unreadable, and the field is named'),
  },
];

const PROBES: readonly AdapterMutant[] = [
  {
    name: 'takes a firewall for a bad key',
    file: 'data-plane/probe-verdict.ts',
    find: "verdict: 'inconclusive', finding: 'deniedByNetwork'",
    replace: "verdict: 'rejected', finding: 'deniedByNetwork'",
    killer: inAdapters('behind a firewall nothing is known'),
  },
  {
    name: 'takes an unknown path for a bad key',
    file: 'data-plane/probe-verdict.ts',
    find: "verdict: 'inconclusive',\n        finding: 'wrongEndpoint'",
    replace: "verdict: 'rejected',\n        finding: 'wrongEndpoint'",
    killer: by('probe-verdict.test.ts', 'an unknown path (404)'),
  },
  {
    name: 'takes a status that may come from a closed network for a bad key',
    file: 'data-plane/probe-verdict.ts',
    find: "verdict: 'ambiguous'",
    replace: "verdict: 'rejected'",
    killer: by('probe-verdict.test.ts', 'without words (403)'),
  },
  {
    name: 'sends an admin key to the endpoint that the owner of a search service wrote',
    file: 'arm/account-details.ts',
    find: 'const endpoint = own ?? read.endpoint;',
    replace: 'const endpoint = read.endpoint ?? own;',
    killer: by('kinds-wire.test.ts', 'is asked at the host of its name, wherever its listed endpoint points'),
  },
  {
    name: 'takes a throttled call for a good key',
    file: 'data-plane/probe-verdict.ts',
    find: "verdict: 'inconclusive', finding: 'throttled'",
    replace: "verdict: 'accepted', finding: 'throttled'",
    killer: by('probe-faults.test.ts', 'a probe > 429: nothing is known, and the delay is told'),
  },
  {
    name: 'takes the 401 of switched off keys for a dead key',
    file: 'data-plane/probe-verdict.ts',
    find: 'return context.isKeyAuthenticationOff\n',
    replace: 'return context.isKeyAuthenticationOff && false\n',
    killer: by('probe-verdict.test.ts', 'a 401 says nothing when ARM says that keys are switched off'),
  },
  {
    name: 'believes details of an account that have led a probe astray',
    file: 'data-plane/probes.ts',
    find: '        if (!ANSWERED.has(result.finding)) details.forget(account);\n',
    replace: '',
    killer: inWireFormat('are asked for again after a probe that they have led astray'),
  },
  {
    name: 'keeps the connection of a probe for the next one',
    file: 'client/send.ts',
    find: 'keepAlive: false, maxCachedSessions: 0',
    replace: 'keepAlive: true, maxCachedSessions: 0',
    killer: by('probe-faults.test.ts', 'probes meet a node of the gateway each'),
  },
  {
    name: 'goes past the proxy',
    file: 'client/send.ts',
    find: 'afterPolicies: [proxyPolicyName]',
    replace: 'beforePolicies: [proxyPolicyName]',
    killer: by('send.test.ts', 'goes through the proxy of the environment'),
  },
];

const ERRORS: readonly AdapterMutant[] = [
  {
    name: 'takes a lost race for a wrong setting',
    file: 'client/classify-error.ts',
    find: "    case 412:\n      return 'LostRace';",
    replace: "    case 412:\n      return 'Misconfigured';",
    killer: inAdapters('announcements, over the wire > a stale ETag is a lost race, and nothing changes'),
  },
  {
    name: 'takes a missing token for a missing resource',
    file: 'client/classify-error.ts',
    find: "    case 401:\n    case 403:\n      return 'Forbidden';",
    replace: "    case 403:\n      return 'Forbidden';\n    case 401:",
    killer: by('classify-error.test.ts', 'arm { status: 401'),
  },
  {
    name: 'does not hear the delay that a service asks for',
    file: 'client/classify-error.ts',
    find: 'retryAfterMs: retryAfterOf(error.response?.headers),',
    replace: 'retryAfterMs: undefined,',
    killer: inFaults('arm list > 429 with a delay is Throttled and tells the delay'),
  },
  {
    name: 'lets a key that the provider repeats into an error',
    file: 'client/classify-error.ts',
    find: "visible(words).replace(KEY_SHAPED, '[removed]')",
    replace: 'visible(words)',
    killer: by('classify-error.test.ts', 'a provider that repeats the value'),
  },
];

export const RECORD_MUTANTS: readonly AdapterMutant[] = [...RECORDS, ...PROBES, ...ERRORS];
