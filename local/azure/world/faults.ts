// The rules that make requests fail, and the choice of the rule for a request. `servers/front.ts` applies the faults.
import type { FaultRule, Faults, LocalService, WireFault } from '../local-azure.ts';

/** The properties of a request that select a fault. */
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

  /** The fault of the oldest matching rule, and counts that hit. Undefined when no rule matches. */
  take(target: FaultTarget): WireFault | undefined {
    const hit = this.#active.find((entry) => isHit(entry, target));
    if (hit === undefined) return undefined;
    hit.remaining -= 1;
    if (hit.remaining <= 0) this.#active = this.#active.filter((entry) => entry !== hit);
    return hit.rule.fault;
  }
}
