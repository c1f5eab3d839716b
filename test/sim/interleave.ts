// Two or three passes over one account at once, in every order of their port calls up to a bound of preemptions, with or
// without a freeze: while one pass stands still, the clock moves past its lease.
// It must not make calls fail: that is `faults.ts`.

import { type Interceptor, interceptPorts } from '../../src/rotation/pass/intercept.ts';
import { checkHolders } from './check-holders.ts';
import { checkCleanPass } from './check-pass.ts';
import { checkEffect, lookBefore, rememberNamed } from './checkers.ts';
import { type Choose, Odometer } from './odometer.ts';
import { passOf } from './pass-of.ts';
import { runTick } from './run-pass.ts';
import { createUniverse, SCENARIOS, type Scenario } from './scenarios.ts';
import { SIM_POLICY } from './sim-account.ts';
import { holderParts } from './sim-holders.ts';
import type { Snapshot, Universe } from './universe.ts';

export interface Interleavings {
  readonly scenario: string;
  readonly starts: number;
  readonly interleavings: number;
  readonly violations: readonly string[];
}

export interface Bounds {
  /** Passes at once. */
  readonly passes: number;
  /** How often the turn may be taken from a pass that could go on. */
  readonly preemptions: number;
  /** Ticks of the undisturbed scenario from which interleavings begin. */
  readonly ticks: number;
  /** Which of the concurrent calls of a pass is sent next; the one that was made first, unless said otherwise. */
  readonly order?: 'firstFirst' | 'lastFirst';
  /** Leaves out the ticks that an earlier scenario has in common with this one. */
  readonly leavesOutShared?: true;
}

/** How long a frozen pass stands still: its lease is over, its attempt is settled at the latest. */
const FREEZES_MS = [0, SIM_POLICY.leaseMs + SIM_POLICY.clockSkewMs, SIM_POLICY.settleMs - 1] as const;

/**
 * A pass that stops before each of its port calls until it is given the turn. Of concurrent calls, each has a turn of
 * its own.
 */
class SteppedPass {
  isOver = false;
  readonly name: string;
  readonly #universe: Universe;
  readonly #order: Bounds['order'];
  /** Calls that wait for their turn. */
  readonly #waiting: (() => void)[] = [];
  #arrived: (() => void) | undefined;
  #frozenSince: number | undefined;

  constructor(universe: Universe, name: string, order: Bounds['order'], report: (violation: string) => void) {
    this.#universe = universe;
    this.#order = order;
    this.name = name;
    const intercept: Interceptor = async (call, proceed) => {
      await this.#turn();
      if (call.isEffect) {
        const before = lookBefore(universe);
        const isLate = this.#frozenSince !== undefined && universe.now > this.#frozenSince;
        const answer = await proceed();
        checkEffect(universe, before, call.operation, isLate, report);
        return answer;
      }
      try {
        return await proceed();
      } finally {
        if (this.isAtCall) this.#arrived?.();
      }
    };
    const ports = interceptPorts(universe.ports, intercept);
    const holders = universe.holders && holderParts(universe, intercept, () => undefined);
    const { account } = universe;
    void passOf({ account, ports, clock: { now: () => universe.now }, holders }).then(({ outcome }) => {
      this.isOver = true;
      if (outcome.kind === 'failed' && outcome.error.code === 'UnsafeStep')
        report(`the core asserted: ${outcome.error.message}`);
      this.#arrived?.();
    });
  }

  /** Lets the pass make one port call, or begin; answers when it stands before the next one, or is over. */
  async step(): Promise<void> {
    const arrived = new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
    const resume = this.#order === 'lastFirst' ? this.#waiting.pop() : this.#waiting.shift();
    resume?.();
    if (!this.isOver) await arrived;
  }

  get isAtCall(): boolean {
    return this.#waiting.length > 0;
  }

  #turn(): Promise<void> {
    this.#frozenSince = this.#universe.now;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#arrived?.();
    });
  }
}

async function run(
  universe: Universe,
  bounds: Bounds,
  choose: Choose,
  report: (violation: string) => void,
): Promise<void> {
  const passes: SteppedPass[] = [];
  for (let index = 0; index < bounds.passes; index++) {
    const pass = new SteppedPass(universe, `pass-${index}`, bounds.order, report);
    while (!pass.isAtCall && !pass.isOver) await Promise.resolve();
    passes.push(pass);
  }
  let preemptions = bounds.preemptions;
  let freezesMs: readonly number[] = FREEZES_MS;
  let current: SteppedPass | undefined;
  for (;;) {
    const runnable = passes.filter((pass) => !pass.isOver);
    if (runnable.length === 0) return;
    const isForced = current === undefined || current.isOver;
    const others = runnable.filter((pass) => pass !== current);
    const canPreempt = !isForced && preemptions > 0 && others.length > 0;
    const picked = isForced ? choose(runnable.length) : canPreempt ? choose(1 + others.length * freezesMs.length) : 0;
    if (isForced) current = runnable[picked];
    else if (picked > 0) {
      preemptions--;
      current = others[Math.floor((picked - 1) / freezesMs.length)];
      const frozenMs = freezesMs[(picked - 1) % freezesMs.length] ?? 0;
      universe.now += frozenMs;
      // One freeze per run: two could add up to more than the settling time, which is the stated limit.
      if (frozenMs > 0) freezesMs = [0];
    }
    await current?.step();
  }
}

/** Interleaves passes from each tick of the scenario without faults. */
export async function interleave(scenario: Scenario, bounds: Bounds): Promise<Interleavings> {
  const universe = createUniverse(scenario);
  universe.isConcurrent = true;
  const violations: string[] = [];
  let interleavings = 0;
  let starts = 0;
  const isShared = bounds.leavesOutShared === true && hasEarlierTwin(scenario);
  for (let tick = 0; tick < bounds.ticks; tick++) {
    if (!isShared || tick > MOVE_AT_TICK) {
      const snapshot = universe.snapshot();
      starts++;
      interleavings += await interleaveFrom(universe, snapshot, bounds, (text) =>
        violations.push(`tick ${tick}: ${text}`),
      );
      universe.restore(snapshot);
    }
    const move = tick === MOVE_AT_TICK ? universe.movesLeft[0] : undefined;
    await runTick(universe, move, () => 0);
  }
  return { scenario: scenario.name, starts, interleavings, violations };
}

/** In the overlap of the first rotation. */
const MOVE_AT_TICK = 8;

/** Whether an earlier scenario differs from this one in its moves alone: until the move, both are the same world. */
function hasEarlierTwin(scenario: Scenario): boolean {
  const first = SCENARIOS.find(
    (other) => other.setUp === scenario.setUp && constantsOf(other) === constantsOf(scenario),
  );
  return first !== scenario;
}

function constantsOf({ policy = {}, isDueDriven, isSkewed, isLasting, tickMs }: Scenario): string {
  return JSON.stringify([policy, isDueDriven, isSkewed, isLasting, tickMs], (_, value: unknown) =>
    typeof value === 'function' ? value.toString() : value,
  );
}

async function interleaveFrom(
  universe: Universe,
  snapshot: Snapshot,
  bounds: Bounds,
  report: (violation: string) => void,
): Promise<number> {
  const odometer = new Odometer();
  let runs = 0;
  do {
    universe.restore(snapshot);
    universe.now += universe.tickMs;
    rememberNamed(universe);
    // A rotation that several passes carried on may end without proof; it must never end wrongly.
    universe.memory.isRotationDisturbed = true;
    const found: string[] = [];
    await run(universe, bounds, odometer.choose, (text) => found.push(text));
    await settle(universe, (text) => found.push(text));
    for (const text of new Set(found)) report(`${text} [${odometer.taken().join('.')}]`);
    runs++;
  } while (odometer.next());
  return runs;
}

/** Whatever the order was, one clean pass after the last lease is over leaves the account in line. */
async function settle(universe: Universe, report: (violation: string) => void): Promise<void> {
  universe.now += 2 * universe.tickMs;
  const { account, ports } = universe;
  const holders =
    universe.holders &&
    holderParts(
      universe,
      (_, proceed) => proceed(),
      () => undefined,
    );
  const before = universe.memory.isDisturbed;
  const passed = await passOf({ account, ports, clock: { now: () => universe.now }, holders });
  checkCleanPass(universe, passed, report);
  checkHolders(universe, report);
  universe.memory.isDisturbed = before;
}
