// What every contract suite is given: the ports under test, an account of their own, and the world behind them.
// A suite changes the world only through these, so that it means the same in memory and over the wire.
import type { World } from '../../../local/azure/world/world.ts';
import type { OperatorPorts } from '../../../src/operators/ports.ts';
import type { Account } from '../../../src/rotation/model.ts';

export interface ContractHarness {
  readonly ports: OperatorPorts;
  /** Fresh: nothing is stored, published or announced for it. */
  readonly account: Account;
  readonly world: World;
  /** Writes a reference of somebody else's making in place of the account's, each in the store's own format. */
  putReference(kind: 'toAnotherSecret' | 'malformed'): void;
  /** Makes the stored record something that this version cannot understand. */
  corruptRecord(): Promise<void>;
}

/** Called once per test. */
export type MakeHarness = (options?: { readonly kind?: string }) => Promise<ContractHarness>;
