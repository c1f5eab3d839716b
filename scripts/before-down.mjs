// Runs before `azd down` and stops it where it would delete more than the template has made: azd deletes every resource group
// that a deployment has touched (https://github.com/Azure/azure-dev/issues/2916), and the template assigns roles on what it is given.
// It must not delete anything, and needs nothing but Node.
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Parameters whose entries lie in resource groups of their own, and variables that name such a resource. */
const PARAMETERS = ['accounts', 'accountResourceGroups'];
const VARIABLES = ['KEY_VAULT_ID', 'APP_CONFIGURATION_ID'];

/**
 * What an installation was given, by the name of the parameter or variable that gives it.
 * @param {string} parametersText infra/main.parameters.json
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @returns {string[]}
 */
export function givenTo(parametersText, environment) {
  const { parameters } = JSON.parse(parametersText);
  const named = PARAMETERS.filter((name) => (parameters[name]?.value ?? []).length > 0);
  return [...named, ...VARIABLES.filter((name) => (environment[name] ?? '') !== '')];
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const file = fileURLToPath(new URL('../infra/main.parameters.json', import.meta.url));
  const given = givenTo(readFileSync(file, 'utf8'), process.env);
  if (given.length > 0) {
    process.stderr.write(
      `azd down would delete the resource groups of what this installation was given (${given.join(', ')}), with everything in them. ` +
        'Take it down as docs/deployment.md#tearing-down says.\n',
    );
    process.exit(1);
  }
}
