// The resources of this local Azure that hold keys of accounts, or point at their secrets.
// They are beside the world: the core of one account does not know them.

import type { Nature } from '../world/nature.ts';
import type { World } from '../world/world.ts';
import { Foundry } from './connections.ts';
import { ApiManagement } from './named-values.ts';
import { SearchServices } from './search-services.ts';

export class Holders {
  readonly apiManagement: ApiManagement;
  readonly foundry = new Foundry();
  readonly search: SearchServices;
  /** Items on a page of a list in Azure Resource Manager. */
  pageSize = 100;

  constructor(nature: Pick<Nature, 'now' | 'newETag'>, world: World) {
    this.apiManagement = new ApiManagement(nature, world.vault);
    this.search = new SearchServices(world);
  }
}
