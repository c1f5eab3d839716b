// What an installation costs a month, from calls that a test measures and from public prices, in US dollars.
// `node bench/cost.ts` prints the table of docs/cost.md. It must not measure anything itself.

/**
 * Calls of one pass over an account of which nothing is due, what one rotation adds to its passes, and a tick beside its
 * passes, while the accounts fit on one page of the store. Log lines at level information and above.
 */
export const CALLS = {
  idlePass: { keyVault: 1, appConfiguration: 1, table: 2, arm: 1, logLines: 1 },
  rotation: { keyVault: 4, appConfiguration: 2, table: 4, probes: 16, arm: 2, logLines: 27 },
  tick: { appConfiguration: 1, table: 2, logLines: 1 },
} as const;

/**
 * Passes of a rotation that no look for drift falls together with: one after `activationFor`, one within `confirmOver` and
 * one after it. Each costs as much as a look.
 */
export const EXTRA_PASSES = 3;

const TICKS = 30 * 24 * 12;
/** Key-values on one page of the store's list, of which there is one for each account that is listed there. */
const PAGE_SIZE = 100;
/** Of the timer that delivers notifications. */
const MINUTES = 30 * 24 * 60;
/** Every six hours, as the default policy looks for drift, and those of one rotation. */
const PASSES = 30 * 4 + EXTRA_PASSES;

/** See docs/cost.md for where and when each was found. */
export const PRICES = {
  keyVaultPer10k: 0.03,
  storePerDay: 1.2,
  storeRequestsPer10k: 0.06,
  tablePer10k: 0.00036,
  gbSecond: 0.000_026,
  freeGbSeconds: 100_000,
  logPerGb: 2.3,
  freeLogGb: 5,
} as const;

/** Not measured in Azure: stated in docs/cost.md. */
const ASSUMED = {
  passSeconds: 0.5,
  parallel: 32,
  tickSeconds: 1,
  deliverySeconds: 1,
  memoryGb: 2,
  bytesPerLogLine: 1_000,
} as const;

export interface Cost {
  readonly keyVault: number;
  readonly store: number;
  readonly table: number;
  readonly functions: number;
  readonly log: number;
  readonly total: number;
}

/** Calls of a month, of the services whose resource logs the template switches on. */
function monthlyCalls(accounts: number): Readonly<Record<'keyVault' | 'store' | 'table', number>> {
  const { idlePass, rotation, tick } = CALLS;
  const pages = Math.ceil(accounts / PAGE_SIZE);
  // A list of several pages is older than four minutes at each tick, and is then read beside what tells of a freeze.
  const storeCallsOfTick = tick.appConfiguration + (pages > 1 ? pages : 0);
  return {
    keyVault: accounts * (PASSES * idlePass.keyVault + rotation.keyVault),
    store: TICKS * storeCallsOfTick + accounts * (PASSES * idlePass.appConfiguration + rotation.appConfiguration),
    table: TICKS * tick.table + accounts * (PASSES * idlePass.table + rotation.table),
  };
}

/** Gigabytes of resource logs a month: assumed is one record for each call, as long as a log line. */
export function resourceLogGb(accounts: number): number {
  const { keyVault, store, table } = monthlyCalls(accounts);
  return ((keyVault + store + table) * ASSUMED.bytesPerLogLine) / 1e9;
}

/** One rotation of each account a month, ticks every five minutes. */
export function monthlyCost(accounts: number): Cost {
  const { idlePass, rotation, tick } = CALLS;
  const calls = monthlyCalls(accounts);
  const per10k = (count: number, price: number): number => (count / 10_000) * price;
  const keyVault = per10k(calls.keyVault, PRICES.keyVaultPer10k);
  const store = 30 * PRICES.storePerDay + per10k(calls.store, PRICES.storeRequestsPer10k);
  const table = per10k(calls.table, PRICES.tablePer10k);
  const timers = TICKS * ASSUMED.tickSeconds + MINUTES * ASSUMED.deliverySeconds;
  const looks = accounts * PASSES;
  // As many side by side as are due in one tick, up to what a tick takes.
  const parallel = Math.min(ASSUMED.parallel, Math.max(1, looks / TICKS));
  const seconds = timers + (looks * ASSUMED.passSeconds) / parallel;
  const functions = Math.max(0, seconds * ASSUMED.memoryGb - PRICES.freeGbSeconds) * PRICES.gbSecond;
  const lines = TICKS * tick.logLines + accounts * (PASSES * idlePass.logLines + rotation.logLines);
  const gigabytes = (lines * ASSUMED.bytesPerLogLine) / 1e9;
  const log = Math.max(0, gigabytes - PRICES.freeLogGb) * PRICES.logPerGb;
  return { keyVault, store, table, functions, log, total: keyVault + store + table + functions + log };
}

const ROWS: readonly (readonly [string, keyof Cost])[] = [
  ['App Configuration, Standard', 'store'],
  ['Key Vault, Standard', 'keyVault'],
  ['Table storage', 'table'],
  ['Functions, Flex Consumption', 'functions'],
  ['Log Analytics', 'log'],
  ['**together**', 'total'],
];

/** The rows of the table in docs/cost.md. */
export function costRows(): readonly string[] {
  const costs = [10, 1_000, 10_000].map(monthlyCost);
  return ROWS.map(([name, field]) => `| ${name} | ${costs.map((cost) => cost[field].toFixed(2)).join(' | ')} |`);
}

if (import.meta.main) process.stdout.write(`${costRows().join('\n')}\n`);
