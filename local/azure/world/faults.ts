// The rules that make requests fail, and which of them hits a request. What a fault does to it: `servers/front.ts`.
import type { FaultRule, Faults, LocalService, WireFault } from '../local-azure.ts';

/** What a fault is chosen by. */
export interface FaultTarget {
  readonly service: LocalService;
  readonly operation: string;
  readonly account: string | undefined;
}

interface ActiveRule {
  readonly rule: FaultRule;
  remaining: number;
}

function isHit({ rule, remaining }: ActiveRule, target: FaultTarget): boolean {
  return (
    remaining > 0 &&
    rule.service === target.service &&
    (rule.operation === undefined || rule.operation === target.operation) &&
    (rule.account === undefined || rule.account.toLowerCase() === target.account?.toLowerCase())
  );
}

export class FaultRules implements Faults {
  #active: ActiveRule[] = [];

  add(rule: FaultRule): () => void {
    const active: ActiveRule = { rule, remaining: rule.times ?? Number.POSITIVE_INFINITY };
    this.#active.push(active);
    return () => {
      this.#active = this.#active.filter((entry) => entry !== active);
    };
  }

  clear(): void {
    this.#active = [];
  }

  /** The fault of the oldest rule that matches, which thereby hit once more; undefined when none does. */
  take(target: FaultTarget): WireFault | undefined {
    const hit = this.#active.find((entry) => isHit(entry, target));
    if (hit === undefined) return undefined;
    hit.remaining -= 1;
    if (hit.remaining <= 0) this.#active = this.#active.filter((entry) => entry !== hit);
    return hit.rule.fault;
  }
}
