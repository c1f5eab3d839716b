// Explores every state that the shipped core can reach in a scenario with at most K faults, each state once. An edge is
// one tick: a move or none, and for each port call of the pass a fault or none.
// A schedule is one such tick from one distinct state; equal states are explored once, which covers all longer schedules
// through them. A state that is met with several numbers of faults is explored with the least: more faults may follow.
import { hash } from 'node:crypto';
import type { PassReport } from '../../src/rotation/pass/reconcile.ts';
import { canonical } from './canonical.ts';
import { areHoldersAtRest, isHeldByHolders } from './check-holders.ts';
import { leakedNow } from './checkers.ts';
import { exploreTick } from './explore-tick.ts';
import { Frontier } from './frontier.ts';
import { MOVES } from './moves.ts';
import { createUniverse, type Scenario } from './scenarios.ts';
import type { Snapshot, Universe } from './universe.ts';

/** One tick as it can be replayed. */
export interface TickChoice {
  readonly move: string | undefined;
  readonly choices: readonly number[];
}

export interface Violation {
  readonly scenario: string;
  readonly faults: number;
  readonly text: string;
  /** From the scenario's start. */
  readonly path: readonly TickChoice[];
}

export interface Exploration {
  readonly scenario: string;
  readonly schedules: number;
  readonly states: number;
  readonly violations: readonly Violation[];
  /** The most clean passes from any state to a good rest. */
  readonly passesToRest: number;
  readonly isComplete: boolean;
}

export interface Limits {
  readonly violations: number;
  readonly until: number;
}

/** From so many faults on, states that used them all are too many to wait. */
const MANY_FAULTS = 3;

/** Clean passes within which every reachable state must come to a good rest. */
export const PASSES_TO_REST_MAXIMUM = 20;

interface Node {
  parent: number;
  by: TickChoice | undefined;
  /** The fewest with which the state was met. */
  faults: number;
  /** The node after a tick without move and fault. */
  clean: number;
  isResting: boolean;
}

interface Waiting {
  readonly id: number;
  readonly snapshot: Snapshot;
}

export async function explore(
  scenario: Scenario,
  faults: number,
  limits: Limits,
  now: () => number,
): Promise<Exploration> {
  const universe = createUniverse(scenario);
  universe.faultsAllowed = faults;
  const nodes: Node[] = [{ parent: -1, by: undefined, faults: 0, clean: -1, isResting: false }];
  const ids = new Map([[digest(canonical(universe)), 0]]);
  const frontier = new Frontier<Waiting>(faults, faults >= MANY_FAULTS);
  frontier.push(0, { id: 0, snapshot: universe.snapshot() });
  const violations: Violation[] = [];
  let schedules = 0;
  let isComplete = true;

  const visit = (parent: number, by: TickChoice, isHeld: boolean): number => {
    const key = digest(canonical(universe));
    const { faultsUsed } = universe;
    const id = ids.get(key) ?? nodes.length;
    const node = nodes[id];
    if (node === undefined) {
      ids.set(key, id);
      nodes.push({ parent, by, faults: faultsUsed, clean: -1, isResting: isHeld || isResting(universe) });
    } else {
      if (isHeld) node.isResting = true;
      if (node.faults <= faultsUsed) return id;
      Object.assign(node, { parent, by, faults: faultsUsed });
    }
    frontier.push(faultsUsed, { id, snapshot: universe.snapshot() });
    return id;
  };

  const expand = (id: number, snapshot: Snapshot, move: string | undefined): Promise<void> =>
    exploreTick(universe, snapshot, move, (end) => {
      schedules++;
      const by = { move, choices: end.choices };
      for (const text of new Set(end.violations)) {
        violations.push({ scenario: scenario.name, faults, text, path: [...pathTo(nodes, id), by] });
      }
      if (end.violations.length === 0) {
        const next = visit(id, by, isHeldForPeople(universe, end.report));
        const node = nodes[id];
        if (node !== undefined && move === undefined && end.isPlain) node.clean = next;
      }
      return violations.length < limits.violations;
    });

  while (violations.length < limits.violations) {
    const entry = frontier.take();
    if (entry === undefined) break;
    // Met with fewer faults since, and explored or waiting as such.
    if (nodes[entry.id]?.faults !== entry.snapshot.faultsUsed) continue;
    if (now() >= limits.until) {
      isComplete = false;
      break;
    }
    await expand(entry.id, entry.snapshot, undefined);
    for (const move of scenario.moves) {
      universe.restore(entry.snapshot);
      const isOffered = universe.movesLeft.includes(move) && MOVES[move]?.isPossible(universe) === true;
      if (isOffered) await expand(entry.id, entry.snapshot, move);
    }
  }
  const { passesToRest, stuck } =
    isComplete && violations.length === 0 && scenario.isLasting !== true
      ? converge(nodes)
      : { passesToRest: 0, stuck: [] };
  for (const id of stuck.slice(0, 1)) {
    violations.push({ scenario: scenario.name, faults, text: '9: does not come to rest', path: pathTo(nodes, id) });
  }
  return { scenario: scenario.name, schedules, states: nodes.length, violations, passesToRest, isComplete };
}

function digest(text: string): string {
  return hash('md5', text, 'base64');
}

function pathTo(nodes: readonly Node[], id: number): TickChoice[] {
  const path: TickChoice[] = [];
  for (let node = nodes[id]; node?.by !== undefined; node = nodes[node.parent]) path.push(node.by);
  return path.reverse();
}

/** Rule A: somebody must look first, and nothing is written until then. */
export function isHeldForPeople(universe: Universe, report: PassReport | undefined): boolean {
  if (report?.outcome.kind !== 'waiting') return false;
  const { reason } = report.outcome.wait;
  return HOLDING.has(reason) && (!isForConsumers(reason) || isHeldByHolders(universe));
}

/** Reasons that an observed holder may cause, which need no person. */
function isForConsumers(reason: string): boolean {
  return reason === 'ConsumersNotAcknowledged' || reason === 'StandbyMayBeInUse';
}

const HOLDING: ReadonlySet<string> = new Set([
  'SecretNotRecognised',
  'OtherInstallation',
  'SecretDisabled',
  'RecordUnreadable',
  'KeysIdentical',
  'ConsumersNotAcknowledged',
  'StandbyMayBeInUse',
]);

/** At rest: nothing to mend, nothing asked, nothing leaked; or held by an operator who has not resumed, or by a closed network. */
export function isResting(universe: Universe): boolean {
  const { record, newest, rows } = universe;
  const { isFrozen, windowAt, leaves } = universe.account.policy;
  if (leaves !== undefined && (record === undefined || record.phase === 'idle')) return leakedNow(universe).size === 0;
  if (rows.pause !== undefined || isFrozen || windowAt !== undefined) return true;
  // Nothing can be verified through a closed network. An emergency ends all the same.
  if (universe.isShut) return leakedNow(universe).size === 0;
  const isInLine =
    newest !== undefined &&
    universe.accepts(newest.value) &&
    record?.published.version === newest.version &&
    universe.referencedVersion === newest.version &&
    universe.flag?.tags['SecretVersion'] === newest.version;
  const isAsked = rows.requests.some((request) => request.closedAt === undefined);
  return (
    record?.phase === 'idle' && isInLine && areHoldersAtRest(universe) && !isAsked && leakedNow(universe).size === 0
  );
}

/** How many clean passes each state is away from rest, and the states that are too far. */
function converge(nodes: readonly Node[]): { passesToRest: number; stuck: readonly number[] } {
  const distances = new Int32Array(nodes.length).fill(-1);
  const stuck: number[] = [];
  let passesToRest = 0;
  for (let start = 0; start < nodes.length; start++) {
    const chain: number[] = [];
    let id = start;
    while (id >= 0 && distances[id] === -1 && nodes[id]?.isResting !== true && chain.length <= PASSES_TO_REST_MAXIMUM) {
      chain.push(id);
      id = nodes[id]?.clean ?? -1;
    }
    const end = nodes[id];
    let distance =
      end === undefined || chain.length > PASSES_TO_REST_MAXIMUM
        ? Number.NaN
        : end.isResting
          ? 0
          : (distances[id] ?? 0);
    for (const link of chain.reverse()) distances[link] = Number.isNaN(distance) ? -1 : ++distance;
    if (Number.isNaN(distance) || distance > PASSES_TO_REST_MAXIMUM) stuck.push(start);
    else passesToRest = Math.max(passesToRest, distance);
  }
  return { passesToRest, stuck };
}
