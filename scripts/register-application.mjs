// `npm run register`: makes or updates the application registration of an installation in Microsoft Entra, with the roles of
// infra/entra/application.json, and assigns roles. It can be repeated. It sends everything through the Azure CLI, signed in
// as the person who runs it. It must not make a secret: the service needs none.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { readCommand } from '../local/command-line.ts';
import { openTemporaryFolder } from './temporary-folder.mjs';

const DEFINITION = new URL('../infra/entra/application.json', import.meta.url);
/** The Azure CLI's own client id, so that people get tokens with `az account get-access-token` without a consent. */
const AZURE_CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
const CREATE = 'Prefer=create-if-missing';
const TIMEOUT_MS = 60_000;
/** Graph's words for an assignment that is there. */
const ALREADY = /already exists/;

/** @typedef {(args: readonly string[]) => Promise<string>} Az */

/**
 * @param {Az} az
 * @param {string} folder for the bodies of requests
 */
async function openGraph(az, folder) {
  const graph = (
    await az(['cloud', 'show', '--query', 'endpoints.microsoftGraphResourceId', '--output', 'tsv'])
  ).trim();
  /** @param {string} method @param {string} path @param {object} [body] @param {readonly string[]} headers */
  return async (method, path, body, headers = []) => {
    const args = ['rest', '--method', method, '--url', `${graph.replace(/\/$/, '')}/v1.0/${path}`, '--output', 'json'];
    if (body === undefined) return JSON.parse(await az(args));
    const file = join(folder, 'body.json');
    await writeFile(file, JSON.stringify(body));
    return az([...args, '--headers', 'Content-Type=application/json', ...headers, '--body', `@${file}`]);
  };
}

/**
 * The assignments, each with the id of its role.
 * @param {readonly string[]} assignments
 * @param {readonly { value: string, id: string }[]} roles
 */
function readAssignments(assignments, roles) {
  return assignments.map((text) => {
    const [principalId, value] = text.split('=');
    const role = roles.find((one) => one.value === value);
    if (role === undefined)
      throw new Error(
        `${value} is no role: give <object id>=<role>, with ${roles.map((one) => one.value).join(', ')}.`,
      );
    return { principalId, appRoleId: role.id };
  });
}

/** Makes or updates the application; returns its client id. */
async function makeApplication(graph, name, definition, url) {
  const path = `applications(uniqueName='ai-services-key-rotation-${name}')`;
  const redirectUris = url === '' ? [] : [`${url}/.auth/login/aad/callback`];
  const web = { ...definition.web, redirectUris };
  await graph('patch', path, { ...definition, displayName: `AI services key rotation (${name})`, web }, [CREATE]);
  const { appId } = await graph('get', path);
  // Only now: the address contains the client id, and what is authorised has to be there before.
  const delegatedPermissionIds = definition.api.oauth2PermissionScopes.map(({ id }) => id);
  const preAuthorizedApplications = [{ appId: AZURE_CLI, delegatedPermissionIds }];
  const api = { ...definition.api, preAuthorizedApplications };
  await graph('patch', path, { identifierUris: [`api://${appId}`], api });
  return appId;
}

/**
 * @param {Az} az
 * @param {{ environment: Readonly<Record<string, string | undefined>>, assignments: readonly string[] }} registration
 */
export async function register(az, { environment, assignments }) {
  const name = environment['AZURE_ENV_NAME'] ?? '';
  if (name === '') throw new Error('AZURE_ENV_NAME is not set: run eval "$(azd env get-values)" with set -a first.');
  const definition = JSON.parse(await readFile(DEFINITION, 'utf8'));
  const wanted = readAssignments(assignments, definition.appRoles);
  const { path: folder, remove } = await openTemporaryFolder('register');
  try {
    const graph = await openGraph(az, folder);
    const appId = await makeApplication(graph, name, definition, environment['FUNCTION_APP_URL'] ?? '');
    const principal = `servicePrincipals(appId='${appId}')`;
    await graph('patch', principal, { displayName: `AI services key rotation (${name})` }, [CREATE]);
    if (wanted.length === 0) return appId;
    const { id: resourceId } = await graph('get', principal);
    for (const { principalId, appRoleId } of wanted) {
      const body = { principalId, resourceId, appRoleId };
      await graph('post', `${principal}/appRoleAssignedTo`, body).catch((error) => {
        if (!ALREADY.test(error.message)) throw error;
      });
    }
    return appId;
  } finally {
    await remove();
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { rest: assignments } = readCommand({
    name: 'npm run register',
    does:
      'makes or updates the application of an installation in Microsoft Entra with the Azure CLI, and assigns roles. ' +
      'It can be repeated.',
    flags: {},
    rest: { value: '<object id>=<role>', means: 'assigns the role to the principal; any number of them' },
    variables: {
      AZURE_ENV_NAME: 'the name of the installation, as azd knows it; needed',
      FUNCTION_APP_URL: 'the address of the Function App, for the sign-in of people; optional',
    },
    examples: ['npm run register -- 00000000-0000-0000-0000-000000000000=Rotation.Read'],
  });
  const run = promisify(execFile);
  /** @type {Az} */
  const az = async (args) => {
    try {
      return (await run('az', args, { timeout: TIMEOUT_MS, shell: process.platform === 'win32' })).stdout;
    } catch (error) {
      throw new Error(`az ${args[0]} failed: ${(error.stderr ?? error.message).trim().split('\n').at(-1)}`);
    }
  };
  register(az, { environment: process.env, assignments }).then(
    (clientId) => process.stdout.write(`azd env set ENTRA_CLIENT_ID ${clientId}\n`),
    (error) => {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    },
  );
}
