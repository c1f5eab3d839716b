// The order of the rooms: what each may import, and nothing else. `npm run check` holds every file against this table
// (`.dependency-cruiser.mjs`), a test tries a forbidden import in each room, and docs/architecture.md draws it.
//
// A room may import its own files, the rooms named, and the packages named. Behind a room's name in `rooms` stand the files
// of it that may be imported, where not all may. Rooms are listed from the lowest to the highest: none imports one below it.

/** What adapters implement and are given: interfaces, the words of the model, errors. Never what decides. */
const CORE_WORDS = ['ports', 'model', 'history', 'secret', 'errors', 'reasons'];

export const ROOMS = {
  'src/base': {
    purpose: 'helpers that every room may import; it imports no room',
    rooms: {},
    packages: ['zod'],
  },
  'src/rotation': {
    purpose: 'the core of one account: decides, carries out, observes',
    rooms: { 'src/base': ['lanes'] },
    packages: ['node:crypto'],
  },
  'src/notify': {
    purpose: 'notifications: their content, and their delivery',
    rooms: { 'src/base': true, 'src/rotation': ['ports', 'model', 'history', 'secret'] },
    packages: ['node:crypto', 'zod'],
  },
  'src/holders': {
    purpose: 'resources that hold a key of an account: finds them, brings them along, observes them',
    rooms: { 'src/base': true, 'src/rotation': true },
    packages: [],
  },
  'src/config': {
    purpose: 'parses app settings, accounts and policies; reads no file and no service',
    rooms: {
      'src/base': true,
      'src/rotation': ['model', 'secret', 'reasons'],
      'src/notify': ['signature'],
      'src/holders': ['model', 'requirement'],
    },
    packages: ['node:crypto', 'zod', 'croner'],
  },
  'src/telemetry': {
    purpose: 'logs the calls of a pass; exports traces and metrics',
    rooms: { 'src/base': true, 'src/rotation': true, 'src/config': ['settings'] },
    packages: ['@opentelemetry/'],
  },
  'src/fleet': {
    purpose: 'many accounts: passes, campaigns, the search for accounts',
    rooms: { 'src/base': true, 'src/rotation': true, 'src/config': true, 'src/telemetry': true, 'src/holders': true },
    packages: ['node:crypto', 'node:util', 'zod'],
  },
  'src/operators': {
    purpose: 'calls of operators: requests, status, checks, many accounts at once',
    rooms: { 'src/base': true, 'src/rotation': true, 'src/config': true, 'src/holders': true, 'src/fleet': true },
    packages: ['node:crypto', 'zod'],
  },
  'src/http': {
    purpose: 'the HTTP API: authorizes the caller, validates the request, writes the answer',
    rooms: { 'src/base': true, 'src/rotation': true, 'src/config': true, 'src/fleet': true, 'src/operators': true },
    packages: ['@azure/functions', 'node:', 'zod'],
  },
  'src/triggers': {
    purpose: 'work that begins without a caller: timer, queue, events',
    rooms: {
      'src/base': true,
      'src/rotation': true,
      'src/notify': true,
      'src/config': true,
      'src/telemetry': true,
      'src/fleet': true,
    },
    packages: ['@azure/functions', 'zod', 'croner'],
  },
  'src/azure': {
    purpose: 'adapters: they implement the ports of the rooms with the SDKs',
    rooms: {
      'src/base': true,
      'src/rotation': CORE_WORDS,
      'src/holders': ['ports', 'model'],
      'src/notify': ['ports', 'names', 'signature', 'cloud-event'],
      'src/config': ['cloud', 'installation', 'probe-versions', 'raw-key-value', 'accounts/discovered-account'],
      'src/fleet': ['ports', 'campaign/ports', 'campaign/rules/model', 'discovery/ports'],
      'src/operators': ['ports', 'check/ports'],
    },
    packages: ['@azure/', 'node:', 'zod'],
  },
  'src/compose.ts': {
    purpose: 'makes the adapters and puts the parts together',
    rooms: {
      'src/base': true,
      'src/rotation': ['ports', 'model', 'errors'],
      'src/holders': ['ports', 'model', 'inventories'],
      'src/config': true,
      'src/telemetry': ['telemetry'],
      'src/fleet': ['ports', 'discovery/ports'],
      'src/operators': ['ports', 'check/ports'],
      'src/http': ['call'],
      'src/triggers': true,
      'src/azure': true,
    },
    packages: ['@azure/identity', 'node:crypto'],
  },
  'src/entry': {
    purpose: 'registers the functions at start, and loads their handlers at the first call',
    rooms: { 'src/config': ['authorization'], 'src/http': true, 'src/triggers': true, 'src/compose.ts': true },
    packages: ['@azure/functions'],
  },
  'src/functions': {
    purpose: 'one file for each function; a file only passes its call on',
    rooms: { 'src/entry': true, 'src/http': ['contract/openapi'] },
    packages: ['@azure/functions'],
  },
  'src/page': {
    purpose: 'the status page: runs in a browser and calls the HTTP API',
    rooms: {
      'src/base': ['lanes'],
      'src/rotation': ['history', 'reasons'],
      'src/fleet': ['campaign/answers'],
      'src/operators': ['answers/account', 'answers/check', 'answers/health', 'answers/requests', 'remedies'],
      'src/http': ['contract/answers'],
    },
    packages: ['preact', 'uplot'],
  },
  'packages/consumer/src': {
    purpose: 'the library that applications install: it has no source of the service, and no dependency',
    rooms: {},
    packages: ['node:crypto'],
  },
  'packages/operator/src': {
    purpose: 'the command of operators: calls the HTTP API from a shell; it has no source of the service',
    rooms: {},
    packages: ['node:'],
  },
};

/** Development and tools: what is deployed must not import any of it. */
export const OUTSIDE = ['local', 'doctor', 'test', 'bench', 'examples', 'scripts'];
