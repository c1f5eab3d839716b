// Runs before `azd down` and stops it where it would delete more than the template has made: azd deletes every resource group
// that a deployment has touched (https://github.com/Azure/azure-dev/issues/2916), and the template assigns roles on what it is given.
// It must not delete anything, and needs nothing but Node.
import { pathToFileURL } from 'node:url';

/** Variables that name a resource group, or something in one, that others may use too. */
const VARIABLES = [
  'ACCOUNTS',
  'ACCOUNT_RESOURCE_GROUPS',
  'HOLDERS',
  'KEY_VAULT_ID',
  'APP_CONFIGURATION_ID',
  'VAULT_SYSTEM_TOPIC_ID',
  'GROUP_SYSTEM_TOPICS',
  'RESOURCE_GROUP_NAME',
];

/**
 * What an installation was given, by the name of the variable that gives it.
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @returns {string[]}
 */
export function givenTo(environment) {
  return VARIABLES.filter((name) => (environment[name] ?? '') !== '');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const given = givenTo(process.env);
  if (given.length > 0) {
    process.stderr.write(
      `azd down would delete the resource groups of what this installation was given (${given.join(', ')}), with everything in them. ` +
        'Take it down as docs/deployment.md#tearing-down says.\n',
    );
    process.exit(1);
  }
}
