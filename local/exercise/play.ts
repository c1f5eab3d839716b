// Plays docs/exercise.md against a local Azure that answers under Azure's names and enforces rights. Shell, curl, npm
// and the client are real. `az` is real or played. It must not print.
import { resourceGroup, subscriptionId } from '../azure/demo-accounts.ts';
import { BUILT_IN_ROLES } from '../azure/identity/access.ts';
import { trustLocalAzure } from '../azure/identity/trust.ts';
import type { LocalAzure } from '../azure/local-azure.ts';
import { startLocalAzure } from '../azure/start-local-azure.ts';
import { SIGN_IN } from '../deploy/desk.ts';
import { Shell } from '../deploy/shell.ts';
import { readExercise, type Step } from './exercise-page.ts';
import { PlainAzureCli } from './plain-az.ts';

export interface ExerciseOptions {
  /** Use the Azure CLI on the PATH instead of the played one. */
  readonly hasRealAzureCli?: boolean;
  /** Default: those of the page. */
  readonly steps?: readonly Step[];
  /** Called when a step has had its output. */
  readonly onStep?: (step: Step) => void;
}

/** The person who does the exercise owns the subscription. */
function grantOwner({ access, servicePrincipal }: LocalAzure): void {
  access.isEnforced = true;
  const scope = `/subscriptions/${subscriptionId}`;
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/owner`;
  access.assign({ id, principalId: servicePrincipal.objectId, roleId: BUILT_IN_ROLES.Owner.id, scope });
}

async function openShell(azure: LocalAzure, hasRealAzureCli: boolean): Promise<Shell> {
  const { tenantId, clientId, clientSecret } = azure.servicePrincipal;
  const az = new PlainAzureCli(azure, subscriptionId);
  const shell = await Shell.open({
    programs: hasRealAzureCli ? {} : { az: (args) => az.run(args) },
    environment: {
      ...azure.network(),
      CURL_CA_BUNDLE: azure.caFile,
      REQUESTS_CA_BUNDLE: azure.caFile,
      AZURE_TENANT_ID: tenantId,
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: clientSecret,
      MY_ADDRESS: '203.0.113.1',
    },
    folder: azure.folder,
  });
  if (hasRealAzureCli) await shell.run(SIGN_IN);
  return shell;
}

/** Rejects at the first step whose output is not the documented one. Returns the local Azure's requests by operation. */
export async function playExercise(options: ExerciseOptions = {}): Promise<readonly string[]> {
  const azure = await startLocalAzure({
    subscriptionId,
    resourceGroup,
    accounts: [],
    hasPublicNames: true,
    withStorage: false,
  });
  try {
    trustLocalAzure(azure);
    grantOwner(azure);
    const shell = await openShell(azure, options.hasRealAzureCli ?? false);
    try {
      for (const step of options.steps ?? readExercise()) {
        const output = await shell.run(step.commands);
        if (output !== step.output) {
          throw new Error(`"${step.title}" has another output than documented:\n${output}instead of\n${step.output}`);
        }
        options.onStep?.(step);
      }
    } finally {
      await shell.close();
    }
    return azure.requests.map(({ operation }) => operation);
  } finally {
    await azure.close();
  }
}
