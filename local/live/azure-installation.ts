// A throw-away installation on Azure: a resource group with one account of each free kind, and `azd up` next to it. It
// uses the Azure CLI and the Azure Developer CLI as an operator does, signed in as the caller.
// It must not touch a resource that it has not made: every name ends with the same random suffix.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BUILT_IN_ROLES } from '../azure/identity/access.ts';
import type { Place } from './calls.ts';
import {
  FREE_KINDS,
  type Installation,
  type LiveAccount,
  lastLineOf,
  nameOf,
  readAnswer,
  SCOPES,
} from './installation.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
/** Short enough for a test, long enough for Azure: the overlap ends after minutes, not days. */
const POLICY = { overlapMinimum: 'PT5M', overlapMaximum: 'PT10M', rotationInterval: 'P1D', standbyIsFree: true };
/** Rights that were given a moment ago take minutes. */
const TRIES = 40;
const TRY_EVERY_MS = 15_000;

export interface AzureOptions {
  readonly suffix: string;
  readonly location: string;
  readonly say: (line: string) => void;
}

type Values = (name: string) => string;

/** No word of the line has a blank in it. Returns the output. */
async function called(program: string, line: string): Promise<string> {
  const { stdout } = await run(program, line.split(' '), { cwd: ROOT, maxBuffer: 16 * 1024 * 1024 });
  return stdout.trim();
}
const az = (line: string): Promise<string> => called('az', `${line} --only-show-errors`);

async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (tries === TRIES) throw error;
      await sleep(TRY_EVERY_MS);
    }
  }
}

/** On failure it rejects, and has removed what it made. */
export async function azureInstallation(options: AzureOptions): Promise<Installation> {
  const group = `live-${options.suffix}`;
  try {
    return await install(options, group);
  } catch (error) {
    await tearDown(options, group).catch((cause: unknown) => options.say(`not removed: ${String(cause)}`));
    throw error;
  }
}

async function install(options: AzureOptions, group: string): Promise<Installation> {
  const { suffix, location, say } = options;
  await az(`group create -n ${group} -l ${location} -o none`);
  const accounts = await createAccounts(group, options);
  const idOf = ({ name }: LiveAccount): Promise<string> =>
    az(`cognitiveservices account show -g ${group} -n ${name} --query id -o tsv`);
  const ids = await Promise.all(accounts.map(idOf));
  const value = await deploy(group, location, ids, say);
  await grantTester(value);
  const put = (key: string, document: object): Promise<string> => {
    const store = `--endpoint ${value('APP_CONFIGURATION_ENDPOINT')} --auth-mode login --yes -o none`;
    const content = `--content-type application/json --key KeyRotation:${key} --value ${JSON.stringify(document)}`;
    return patiently(() => az(`appconfig kv set ${store} ${content}`));
  };
  await put('Policies:default', POLICY);
  for (const [index, { name }] of accounts.entries()) await put(`Accounts:${name}`, { resourceId: ids[index] });
  const app = `-g ${value('RESOURCE_GROUP')} -n ${value('FUNCTION_APP_NAME')}`;
  const key = await az(`functionapp keys list ${app} --query functionKeys.default -o tsv`);
  return {
    accounts,
    isSwift: false,
    place: placeOf(value, ids[0] ?? '', accounts[0]?.name ?? ''),
    api: async (method, path, body) => {
      const headers = { 'content-type': 'application/json', 'x-functions-key': key };
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      return readAnswer(await fetch(`${value('FUNCTION_APP_URL')}/api/${path}`, { method, headers, ...content }));
    },
    kill: async () => {
      await az(`functionapp restart ${app} -o none`);
    },
    doctor: () => askDoctor(),
    tearDown: () => tearDown({ suffix, location, say }, group),
  };
}

/** A subscription has one free account of each kind: a kind that is taken is left out, with a word. */
async function createAccounts(group: string, { suffix, location, say }: AzureOptions): Promise<readonly LiveAccount[]> {
  const made: LiveAccount[] = [];
  for (const kind of FREE_KINDS) {
    const name = nameOf(kind, suffix);
    const place = `-g ${group} -n ${name} -l ${location}`;
    try {
      await az(
        `cognitiveservices account create ${place} --kind ${kind} --sku F0 --custom-domain ${name} --yes -o none`,
      );
      made.push({ name, kind });
    } catch {
      say(`${kind}: no free account could be made here; it is left out`);
    }
  }
  if (made[0]?.kind !== 'TextAnalytics') throw new Error('The test needs a free account of the kind TextAnalytics.');
  return made;
}

async function deploy(group: string, location: string, ids: readonly string[], say: (line: string) => void) {
  await called('azd', `env new ${group} --location ${location} --no-prompt`);
  await called('azd', `env set ACCOUNTS ${ids.join(',')}`);
  say('azd up: some minutes');
  await called('azd', 'up --no-prompt');
  const values = await environment();
  return (name: string): string => values[name]?.replace(/\/$/, '') ?? '';
}

async function environment(): Promise<Readonly<Record<string, string>>> {
  return JSON.parse(await called('azd', 'env get-values --output json')) as Readonly<Record<string, string>>;
}

/** The tester's own requests to the vault need a right that an operator does not have. It goes with the vault. */
async function grantTester(value: Values): Promise<void> {
  const vault = new URL(value('KEY_VAULT_URL')).hostname.split('.')[0] ?? '';
  const scope = await az(`keyvault show -n ${vault} --query id -o tsv`);
  const principal = value('AZURE_PRINCIPAL_ID') || (await az('ad signed-in-user show --query id -o tsv'));
  const role = BUILT_IN_ROLES['Key Vault Secrets Officer'].id;
  await az(`role assignment create --assignee ${principal} --role ${role} --scope ${scope} -o none`);
  await patiently(() => az(`keyvault secret list --vault-name ${vault} -o none`));
}

function placeOf(value: Values, accountId: string, account: string): Place {
  return {
    resourceManager: 'https://management.azure.com',
    keyVault: value('KEY_VAULT_URL'),
    appConfiguration: value('APP_CONFIGURATION_ENDPOINT'),
    accountId,
    dataPlane: `https://${account}.cognitiveservices.azure.com`,
    token: (resource) => az(`account get-access-token --scope ${SCOPES[resource]} --query accessToken -o tsv`),
  };
}

/** The doctor ends with a code when something is to be corrected; its words are the same. */
async function askDoctor(): Promise<string> {
  const options = { cwd: ROOT, env: { ...process.env, ...(await environment()) } };
  const ended = await run(process.execPath, ['doctor/main.ts'], options).catch(
    (error: unknown) => error as { readonly stdout?: string },
  );
  return lastLineOf(ended.stdout ?? '');
}

/** `azd down` is stopped by a hook while accounts are named, so the two groups are deleted by their names. */
async function tearDown({ suffix, location, say }: AzureOptions, group: string): Promise<void> {
  for (const each of [`rg-${group}`, group]) {
    if ((await az(`group exists -n ${each}`)) !== 'true') continue;
    say(`deleting the resource group ${each}`);
    await az(`group delete -n ${each} --yes -o none`);
  }
  for (const kind of FREE_KINDS) {
    // A deleted account is kept for some days, and keeps the place of the free one.
    const place = `-g ${group} -n ${nameOf(kind, suffix)} -l ${location}`;
    await az(`cognitiveservices account purge ${place}`).catch(() => undefined);
  }
  say('Custom roles and assignments outside the two groups may stay: docs/deployment.md, tearing down.');
}
