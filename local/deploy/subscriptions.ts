// What a subscription has before the deployment, and what a person therefore types besides the documented commands:
// either one account, or everything that commonly stands in the way. It must not deploy anything.
import { KINDS } from '../../src/azure/data-plane/kinds.ts';
import { resourceGroup, subscriptionId } from '../azure/demo-accounts.ts';
import type { AccountSeed } from '../azure/world/world.ts';
import type { PlannedResource } from './expand.ts';

export const LOCATION = 'westeurope';
const OTHER_LOCATION = 'northeurope';
const GROUP = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
const SHARED = `/subscriptions/${subscriptionId}/resourceGroups/shared/providers`;
const TOPIC = `${SHARED}/Microsoft.EventGrid/systemTopics/of-accounts`;
const WORKSPACE = `${SHARED}/Microsoft.OperationalInsights/workspaces/central`;

/** An account that existed before the deployment, in a resource group of its own. */
export const PRESENT_ACCOUNT: AccountSeed = {
  subscriptionId,
  resourceGroup,
  name: 'my-language',
  kind: 'TextAnalytics',
  location: LOCATION,
  keyShape: 'hex32',
};

export interface FormerInstallation {
  readonly environment: string;
  readonly location: string;
  /** Its one account. The other installation does not name it. */
  readonly account: AccountSeed;
}

export interface Subscription {
  readonly accounts: readonly AccountSeed[];
  /** Resources besides the accounts, by ARM id. */
  readonly resources: Readonly<Record<string, PlannedResource['properties']>>;
  /** An installation that is deployed first, in another region. */
  readonly former: FormerInstallation | undefined;
  /** Commands just before `azd up`. */
  readonly settings: string;
}

export const QUIET: Subscription = { accounts: [PRESENT_ACCOUNT], resources: {}, former: undefined, settings: '' };

/** An account of each kind, named after it. */
const everyKind = KINDS.map(({ kind }): AccountSeed => {
  const keyShape = ['OpenAI', 'AIServices'].includes(kind) ? 'annotated84' : 'hex32';
  return { ...PRESENT_ACCOUNT, name: `every-${kind.toLowerCase().replaceAll('.', '-')}`, kind, keyShape };
});

/**
 * An account of every kind, an installation in another region with an account of its own, a system topic of the accounts'
 * group, and a workspace that has no tables yet.
 */
export const CROWDED: Subscription = {
  accounts: [PRESENT_ACCOUNT, ...everyKind],
  resources: { [TOPIC]: { source: GROUP }, [WORKSPACE]: { tables: [] } },
  former: {
    environment: 'rotation-north',
    location: OTHER_LOCATION,
    account: {
      ...PRESENT_ACCOUNT,
      name: 'north-language',
      resourceGroup: `${resourceGroup}-north`,
      location: OTHER_LOCATION,
    },
  },
  settings: [`azd env set GROUP_SYSTEM_TOPICS ${GROUP}=${TOPIC}`, `azd env set LOG_WORKSPACE_ID ${WORKSPACE}`].join(
    '\n',
  ),
};
