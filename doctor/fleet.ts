// Lists the accounts from App Configuration and gives each one the check that operators have, a few at a time.
// It must not add a check of its own: `POST …/check` must report every fault that the doctor reports.
import { readAccountRows } from '../src/azure/table/rows/rows.ts';
import type { App } from '../src/compose.ts';
import type { Fleet } from '../src/config/fleet.ts';
import type { Problem } from '../src/config/problem.ts';
import { NOTHING_KNOWN } from '../src/holders/model.ts';
import type { HolderRecords } from '../src/holders/ports.ts';
import type { Finding } from '../src/operators/answers/check.ts';
import { checkAccount } from '../src/operators/check/check.ts';
import { asRotationError } from '../src/rotation/errors.ts';
import type { Account } from '../src/rotation/model.ts';
import { type Line, type Mark, no, open, yes } from './lines.ts';

const AREA = 'appConfiguration';
const PARALLEL = 4;

const MARKS: Readonly<Record<Finding['result'], Mark>> = {
  pass: 'yes',
  unknown: 'open',
  warning: 'open',
  fail: 'no',
};

export interface FleetCheck {
  readonly lines: readonly Line[];
  readonly accounts: readonly Account[];
}

export async function checkFleet(app: App): Promise<FleetCheck> {
  const write = open(
    AREA,
    'write',
    'Not provable without a write: Microsoft.AppConfiguration/configurationStores/keyValues/write.',
  );
  try {
    const fleet = await app.fleet();
    const read = yes(
      AREA,
      'read',
      `The store lists its key-values; ${fleet.accounts.length} accounts can be worked on.`,
    );
    return { lines: [read, write, ...remarks(fleet)], accounts: fleet.accounts };
  } catch (error) {
    const read = no(AREA, 'read', 'The store could not be read.', asRotationError(error).message);
    return { lines: [read, write], accounts: [] };
  }
}

function remarks({ accounts, problems, isFrozen }: Fleet): readonly Line[] {
  return [
    ...problems.map((problem) => problemLine(AREA, problem)),
    ...(isFrozen
      ? [open(AREA, 'freeze', 'Every account is frozen.', 'Set KeyRotation:Freeze to false to go on.')]
      : []),
    ...(accounts.length === 0 && problems.length === 0
      ? [
          open(
            AREA,
            'accounts',
            'No account is configured.',
            'Add KeyRotation:Accounts:<alias>: see docs/configuration.md.',
          ),
        ]
      : []),
  ];
}

export function problemLine(area: string, { setting, expected, remedy }: Problem): Line {
  return no(area, setting, `Expected: ${expected}`, remedy);
}

/** With `isTableThere` false no record is read, and every account counts as not adopted. */
export async function checkAccounts(
  app: App,
  accounts: readonly Account[],
  isTableThere: boolean,
): Promise<readonly Line[]> {
  const looking = isTableThere ? app : withoutRecords(app);
  const lines: Line[][] = accounts.map(() => []);
  const left = accounts.entries();
  // Each worker takes the next account; the lines keep the order of the accounts.
  const work = async (): Promise<void> => {
    for (const [index, account] of left) lines[index] = await linesOf(looking, account);
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return lines.flat();
}

async function linesOf(app: App, account: Account): Promise<Line[]> {
  const { alias } = account;
  try {
    const { findings } = await checkAccount(app, account, { isVaultSearched: false, keepsNothing: true });
    return findings.map(({ check, result, detail, remedy }) => ({
      area: alias,
      check,
      mark: MARKS[result],
      finding: detail,
      ...(remedy === undefined ? {} : { remedy }),
    }));
  } catch (error) {
    return [no(alias, 'check', 'The account could not be looked at.', asRotationError(error).message)];
  }
}

function withoutRecords(app: App): App {
  const records = {
    ...app.ports.records,
    read: (account: Account) => Promise.resolve(readAccountRows(account, [])),
    readNamesakes: () => Promise.resolve([]),
  };
  const { holders } = app;
  // The port makes the table if it is not there.
  const nothing: HolderRecords = {
    read: () => Promise.resolve({ etag: undefined, known: NOTHING_KNOWN }),
    write: () => Promise.reject(new Error('The doctor writes nothing.')),
  };
  return {
    ...app,
    ports: { ...app.ports, records },
    ...(holders === undefined ? {} : { holders: { ...holders, records: nothing } }),
  };
}
