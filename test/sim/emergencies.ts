// The worst days, one by one: something is broken for good, an account is in some phase, and a key is leaked. How many
// passes until the leaked value is a key no longer, or why it stays one and what says so.
import { fileURLToPath } from 'node:url';
import { readCommand } from '../../local/command-line.ts';
import type { Policy, Request, RequestId } from '../../src/rotation/model.ts';
import type { PassOutcome } from '../../src/rotation/pass/reconcile.ts';
import { hashOf } from './hash-of.ts';
import { MOVES, SHUT } from './moves.ts';
import { runTick } from './run-pass.ts';
import { ACCOUNT, SIM_POLICY } from './sim-account.ts';
import { Universe } from './universe.ts';

export const PHASES = ['idle', 'preparing', 'propagating', 'retiring'] as const;
export const LEAKED = ['published', 'other'] as const;
type Phase = (typeof PHASES)[number];
type Leaked = (typeof LEAKED)[number];

export interface Condition {
  /** As the document names it. */
  readonly name: string;
  readonly policy?: Partial<Policy>;
  /** Brings it about; it does not end. */
  readonly set: (universe: Universe) => void;
  /** Azure itself refuses the regenerate, or no request can be stored: nothing of ours can help. */
  readonly isBeyondUs?: string;
}

export type Cell =
  /** Passes, the one that the request itself runs included; `accept`: what the operator had to accept. */
  { readonly passes: number; readonly accept?: 'outage' } | { readonly never: string };

const FOR_EVER = Number.POSITIVE_INFINITY;

const lose =
  (service: 'appConfiguration' | 'keyVault' | 'arm', isForEffectsOnly: boolean) =>
  (universe: Universe): void => {
    universe.outage = { service, code: 'Unavailable', isForEffectsOnly, until: FOR_EVER };
  };

const edit =
  (change: Partial<Policy>) =>
  (universe: Universe): void => {
    universe.account = { ...universe.account, policy: { ...universe.account.policy, ...change } };
  };

const newest = (universe: Universe) => universe.world.vault.secrets.get(universe.account.secretName)?.versions.at(-1);

export const CONDITIONS: readonly Condition[] = [
  { name: 'nothing is broken', set: () => undefined },
  {
    name: 'no verdict on keys: network rules deny the service, the data plane answers 429, the kind has no probe',
    set: ({ azureAccount }) => Object.assign(azureAccount.knobs, { isDeniedByFirewall: true }),
  },
  {
    name: 'the data plane rejects every key that is made from now on',
    set: ({ azureAccount }) => {
      for (const key of Object.values(azureAccount.keys)) key.since = Number.NEGATIVE_INFINITY;
      azureAccount.knobs.nodes = [{ acceptsNewAfterMs: FOR_EVER, acceptsOldForMs: 0 }];
    },
  },
  { name: 'App Configuration cannot be read', set: lose('appConfiguration', false) },
  { name: 'App Configuration refuses writes', set: lose('appConfiguration', true) },
  { name: 'Key Vault cannot be read', set: lose('keyVault', false) },
  { name: 'Key Vault refuses writes', set: lose('keyVault', true) },
  { name: 'the account is paused', set: (universe) => MOVES['pause']?.make(universe) },
  { name: 'the fleet is frozen', set: edit({ isFrozen: true }) },
  { name: 'no window is open', set: edit(SHUT) },
  { name: 'a consumer never acknowledges', policy: { consumers: ['application'] }, set: () => undefined },
  { name: 'the standby key is not approved', set: edit({ standbyIsFree: false }) },
  { name: 'the policy is not valid', set: edit({ isInvalid: true }) },
  { name: 'fifty requests are open', set: openRequests },
  {
    name: 'the newest version of the secret is disabled',
    set: (universe) => {
      const version = newest(universe);
      if (version !== undefined)
        universe.world.vault.update(universe.account.secretName, version.version, { isEnabled: false });
    },
  },
  {
    name: 'the secret holds a value that is not recognised',
    set: (universe) => void universe.world.vault.set(universe.account.secretName, { value: 'of-somebody-else' }),
  },
  {
    name: 'the record cannot be read',
    set: ({ rows }) => {
      rows.unreadable = 'damaged';
    },
  },
  {
    name: 'Azure Resource Manager refuses to list or regenerate keys',
    isBeyondUs: 'Azure refuses',
    set: lose('arm', false),
  },
];

function openRequests(universe: Universe): void {
  for (let index = 0; index < 50; index++) {
    universe.rows.requests.push({
      id: `rotate-${index}` as RequestId,
      kind: 'rotate',
      reason: 'simulated',
      by: 'operator',
      at: universe.now,
    });
  }
}

/** More passes than any emergency takes. */
const PASSES_MAXIMUM = 30;

export async function cellOf(condition: Condition, phase: Phase, leaked: Leaked): Promise<Cell> {
  const plain = await passesUntilReplaced(condition, phase, leaked, undefined);
  if ('passes' in plain) return plain;
  if (condition.isBeyondUs !== undefined) return { never: condition.isBeyondUs };
  const accepted = await passesUntilReplaced(condition, phase, leaked, 'outage');
  return 'passes' in accepted ? { ...accepted, accept: 'outage' } : accepted;
}

async function passesUntilReplaced(
  condition: Condition,
  phase: Phase,
  leaked: Leaked,
  accepts: Request['accepts'],
): Promise<Cell> {
  const universe = await universeIn(phase, condition.policy);
  const slot = leakedSlot(universe, leaked);
  const { value } = universe.azureAccount.keys[slot];
  universe.memory.meant.set('leak', hashOf(value));
  condition.set(universe);
  const request: Request = {
    id: 'leak' as RequestId,
    kind: 'compromised',
    reason: 'leaked',
    by: 'operator',
    at: universe.now + 1,
    named: slot,
  };
  universe.rows.requests.push(accepts === undefined ? request : { ...request, accepts });
  let outcome: PassOutcome | undefined;
  for (let passes = 1; passes <= PASSES_MAXIMUM; passes++) {
    const tick = await runTick(universe, undefined, () => 0);
    outcome = tick.report?.outcome;
    if (!universe.isLive(value)) return { passes };
  }
  return { never: outcome?.kind === 'waiting' ? outcome.wait.reason : (outcome?.kind ?? 'nothing') };
}

/** An account that has rotated once and has come into the phase again, undisturbed. */
async function universeIn(phase: Phase, policy: Partial<Policy> = {}): Promise<Universe> {
  const universe = new Universe({ ...ACCOUNT, policy: { ...SIM_POLICY, ...policy } });
  universe.world.vault.set(universe.account.secretName, { value: universe.azureAccount.keys.key1.value });
  for (
    let tick = 0;
    universe.record?.phase !== phase || (phase === 'idle' && universe.record.rotationId === 0);
    tick++
  ) {
    if (tick > 60) throw new Error(`The account does not come into the phase ${phase}.`);
    const version = universe.newest?.version;
    if (policy.consumers !== undefined && version !== undefined && phase !== 'propagating')
      acknowledge(universe, version);
    await runTick(universe, undefined, () => 0);
  }
  return universe;
}

function acknowledge(universe: Universe, version: string): void {
  universe.rows.acknowledgements = [{ consumer: 'application', version: version as never, at: universe.now }];
}

function leakedSlot(universe: Universe, leaked: Leaked): 'key1' | 'key2' {
  const published = universe.record?.published.slot ?? 'key1';
  if (leaked === 'published') return published;
  return published === 'key1' ? 'key2' : 'key1';
}

export interface Row {
  readonly name: string;
  readonly cells: readonly Cell[];
}

export async function emergencies(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const condition of CONDITIONS) {
    const cells: Cell[] = [];
    for (const phase of PHASES) {
      for (const leaked of LEAKED) cells.push(await cellOf(condition, phase, leaked));
    }
    rows.push({ name: condition.name, cells });
  }
  return rows;
}

function shown(cell: Cell): string {
  if ('never' in cell) return cell.never;
  return cell.accept === undefined ? String(cell.passes) : `${cell.passes} (outage)`;
}

/** As it stands in `docs/emergencies.md`. */
export function asMarkdown(rows: readonly Row[]): string {
  const heads = PHASES.flatMap((phase) => LEAKED.map((leaked) => `${phase}, ${leaked}`));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(['what is broken, for good', ...heads]),
    line(['---', ...heads.map(() => '---')]),
    ...rows.map(({ name, cells }) => line([name, ...cells.map(shown)])),
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  readCommand({
    name: 'npm run emergencies',
    does: 'prints the table of docs/emergencies.md: what is broken, the phase, and how a leaked key is replaced then.',
    flags: {},
    examples: ['npm run emergencies'],
  });
  process.stdout.write(`${asMarkdown(await emergencies())}\n`);
}
