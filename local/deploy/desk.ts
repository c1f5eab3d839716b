// The desk of the operator who deploys: a signed-in shell in the repository that reaches Azure under its own names,
// with `az` and `azd` as the documentation uses them. It must not give more than a real operator has.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LocalAzure } from '../azure/local-azure.ts';
import { AzureCli } from './az.ts';
import { Azd, type AzdOptions } from './azd.ts';
import { Shell } from './shell.ts';

export interface DeskOptions extends Pick<AzdOptions, 'provision' | 'deploy'> {
  readonly azure: LocalAzure;
  readonly subscriptionId: string;
  readonly location: string;
  /** The compiled template. */
  readonly template: string;
  /** Use the Azure CLI of this machine instead of the played one. */
  readonly hasRealAzureCli: boolean;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HOOK_TIMEOUT_MS = 120_000;
const run = promisify(execFile);

/** Signs in without a browser, for this session only. The person's own Azure CLI configuration stays unchanged. */
export const SIGN_IN = `
export AZURE_CONFIG_DIR=$(mktemp -d) AZURE_CORE_COLLECT_TELEMETRY=no AZURE_CORE_ONLY_SHOW_ERRORS=yes
az() {
  [ "$1" != login ] || set -- login --service-principal -u "$AZURE_CLIENT_ID" "-p=$AZURE_CLIENT_SECRET" -t "$AZURE_TENANT_ID" -o none
  command az "$@"
}`;

/** Rejects with the last line of the command's error output. */
async function runHook(command: string, variables: Readonly<Record<string, string>>): Promise<void> {
  try {
    const env = { ...process.env, ...variables };
    await run('sh', ['-c', command], { cwd: ROOT, timeout: HOOK_TIMEOUT_MS, env });
  } catch (error) {
    const { stderr = '', killed: isLate } = error as { readonly stderr?: string; readonly killed?: boolean };
    const reason = isLate === true ? `not ended after ${HOOK_TIMEOUT_MS / 1000} s` : stderr.trim().split('\n').at(-1);
    throw new Error(`${command}: ${reason ?? ''}`, { cause: error });
  }
}

export async function openDesk(options: DeskOptions): Promise<Shell> {
  const { azure, subscriptionId, location, template, provision, deploy, hasRealAzureCli } = options;
  const { tenantId, clientId, clientSecret, objectId } = azure.servicePrincipal;
  const variables = {
    AZURE_LOCATION: location,
    AZURE_SUBSCRIPTION_ID: subscriptionId,
    AZURE_PRINCIPAL_ID: objectId,
    AZURE_PRINCIPAL_TYPE: 'ServicePrincipal',
  };
  const network = azure.network();
  const azd = new Azd(
    { variables, provision, deploy, runHook: (command, given) => runHook(command, { ...network, ...given }) },
    template,
  );
  const az = new AzureCli(azure, subscriptionId);
  const caFile = network['NODE_EXTRA_CA_CERTS'] ?? '';
  const shell = await Shell.open({
    programs: { ...(hasRealAzureCli ? {} : { az: (args) => az.run(args) }), azd: (args) => azd.run(args) },
    environment: {
      ...network,
      CURL_CA_BUNDLE: caFile,
      REQUESTS_CA_BUNDLE: caFile,
      AZURE_TENANT_ID: tenantId,
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: clientSecret,
    },
    folder: azure.folder,
  });
  if (hasRealAzureCli) await shell.run(SIGN_IN);
  return shell;
}
