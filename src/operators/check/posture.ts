// Checks how the account is set up around its keys: permissions, network, and whether it could do without keys.
// Changes nothing. A failed read becomes a finding, never an error, so that it does not hide the other findings.

import { asRotationError } from '../../rotation/errors.ts';
import type { Account } from '../../rotation/model.ts';
import type { SecretValue } from '../../rotation/secret.ts';
import type { Finding } from '../answers/check.ts';
import { fail, pass, warning } from './findings.ts';
import type { CheckParts } from './ports.ts';

type Details = Awaited<ReturnType<CheckParts['posture']['read']>>;
type Grant = Awaited<ReturnType<CheckParts['posture']['listGrants']>>[number];

export interface PostureReport {
  readonly findings: readonly Finding[];
  /** Whether Microsoft Entra tokens work in place of keys, as a call of this identity showed; undefined: not known. */
  readonly isReadyForKeyless: boolean | undefined;
}

export interface PostureSubject {
  readonly account: Account;
  /** The published key, if known. */
  readonly published: SecretValue | undefined;
  /** Whether a probe was kept out by the account's network rules. */
  readonly isDeniedByNetwork: boolean;
}

/** The permissions that a rotation needs, each with its purpose. */
const NEEDED_ACTIONS = [
  ['Microsoft.CognitiveServices/accounts/read', 'look at the account'],
  ['Microsoft.CognitiveServices/accounts/listKeys/action', 'read the keys'],
  ['Microsoft.CognitiveServices/accounts/regenerateKey/action', 'regenerate a key'],
] as const;

export async function checkPosture(parts: CheckParts, subject: PostureSubject): Promise<PostureReport> {
  const { account } = subject;
  const [permissions, read] = await Promise.all([permissionFindings(parts, account), readDetails(parts, account)]);
  if ('finding' in read) return { findings: [...permissions, read.finding], isReadyForKeyless: undefined };
  const { details } = read;
  const [keyless, exchange] = await Promise.all([
    keylessFinding(parts, account, details),
    exchangeFinding(parts, subject, details),
  ]);
  const findings = [
    ...permissions,
    ...stateFindings(details),
    networkFinding(parts, subject, details),
    keyless.finding,
    ...(exchange === undefined ? [] : [exchange]),
  ];
  return { findings, isReadyForKeyless: keyless.isReady };
}

const OBSTACLE_REMEDY =
  'Take the account out of the configuration and rotate its keys by hand; docs/kinds.md lists the kinds that can be rotated.';

async function readDetails(parts: CheckParts, account: Account): Promise<{ details: Details } | { finding: Finding }> {
  try {
    return { details: await parts.posture.read(account) };
  } catch (error) {
    const { message } = asRotationError(error);
    return { finding: fail('accountReadable', 'The account could not be read from Azure Resource Manager.', message) };
  }
}

async function permissionFindings(parts: CheckParts, account: Account): Promise<readonly Finding[]> {
  const check = 'armPermissions';
  try {
    const grants = await parts.posture.listGrants(account);
    const missing = NEEDED_ACTIONS.filter(([action]) => !isGranted(grants, action));
    if (missing.length === 0) return [pass(check, 'The identity may read the account, list and regenerate its keys.')];
    return missing.map(([action, purpose]) =>
      fail(
        check,
        `The identity may not ${purpose}: ${action} is missing.`,
        `Assign a role with ${action} on the account; new assignments take some minutes.`,
      ),
    );
  } catch (error) {
    const { message } = asRotationError(error);
    return [warning(check, 'What the identity may do could not be listed.', message)];
  }
}

function isGranted(grants: readonly Grant[], action: string): boolean {
  const matches = (patterns: readonly string[]): boolean => patterns.some((pattern) => isMatch(pattern, action));
  return grants.some(({ actions, notActions }) => matches(actions) && !matches(notActions));
}

/** `*` stands for anything, also several segments; case does not count. */
function isMatch(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
}

function stateFindings({
  obstacle,
  provisioningState,
  disableLocalAuth,
  customSubDomainName,
}: Details): readonly Finding[] {
  return [
    ...(obstacle === undefined ? [] : [fail('keyProof', obstacle, OBSTACLE_REMEDY)]),
    provisioningState === 'Succeeded'
      ? pass('provisioningState', 'The account is completely provisioned.')
      : warning('provisioningState', `The account is ${provisioningState}.`, 'Keys can be read once it has succeeded.'),
    disableLocalAuth
      ? fail(
          'keyAuthentication',
          'Keys are switched off (disableLocalAuth): no key is accepted and none can be regenerated.',
          'Take the account out of the configuration, or switch keys on again.',
        )
      : pass('keyAuthentication', 'Keys are switched on.'),
    customSubDomainName === undefined
      ? warning(
          'customSubdomain',
          'The account has no custom subdomain.',
          'Give it one: Microsoft Entra sign-in and private endpoints need it, and it cannot be changed later.',
        )
      : pass('customSubdomain', `The custom subdomain is ${customSubDomainName}.`),
  ];
}

function networkFinding(parts: CheckParts, { isDeniedByNetwork }: PostureSubject, details: Details): Finding {
  const check = 'networkRules';
  const { publicNetworkAccess, networkRules } = details;
  const isPrivate = publicNetworkAccess === 'Disabled';
  const isSelected = networkRules?.isDenyByDefault === true;
  const rules =
    networkRules === undefined
      ? ''
      : ` Let in: ${listed(networkRules.addresses, 'no address')}, ${networkRules.subnets} subnets.`;
  const detail = isPrivate
    ? 'Public network access is disabled: private endpoints only.'
    : isSelected
      ? `Selected networks only.${rules}`
      : 'Every network is let in.';
  if (!isDeniedByNetwork) return pass(check, detail);
  return fail(check, `The account keeps this Function App out. ${detail}`, networkRemedy(parts.site, isPrivate));
}

/** The account's answer does not name the address that it saw, so the remedy asks the platform for it. */
function networkRemedy({ name, resourceGroup }: CheckParts['site'], isPrivate: boolean): string {
  if (isPrivate) return 'Integrate the Function App into a network with a private endpoint of the account.';
  const command = `az functionapp show --name ${name ?? '<name>'} --resource-group ${resourceGroup ?? '<group>'} --query possibleOutboundIpAddresses`;
  return `Allow the outbound addresses of the Function App, which this lists: ${command}; or allow the subnet that it is integrated into.`;
}

function listed(entries: readonly string[], none: string): string {
  return entries.length === 0 ? none : entries.join(', ');
}

interface Keyless {
  readonly finding: Finding;
  readonly isReady: boolean | undefined;
}

async function keylessFinding(parts: CheckParts, account: Account, details: Details): Promise<Keyless> {
  const check = 'keyless';
  const not = (missing: string, remedy: string): Keyless => ({
    finding: warning(check, `Not ready for keyless: ${missing}.`, remedy),
    isReady: false,
  });
  if (details.customSubDomainName === undefined)
    return not('there is no custom subdomain', 'Give the account a custom subdomain.');
  try {
    const answer = await parts.posture.callWithEntra(account, details);
    if (answer === undefined) {
      const detail = `Whether the account could do without keys is not known: no harmless call is known for the kind ${details.kind}.`;
      const remedy = 'Try with the SDK of the service and an identity that holds Cognitive Services User.';
      return { finding: warning(check, detail, remedy), isReady: undefined };
    }
    const { status, isConclusive } = answer;
    if (status >= 200 && status < 300) {
      const detail =
        'Ready for keyless: the data plane took a Microsoft Entra token of this identity in place of a key.';
      return { finding: pass(check, detail), isReady: true };
    }
    if (isConclusive && (status === 401 || status === 403)) {
      return not(
        `the data plane refused a Microsoft Entra token of this identity (status ${status})`,
        'Assign Cognitive Services User, or the role of its kind, to each identity that is to call it; that may take five minutes.',
      );
    }
    const detail = `Whether the account could do without keys is not known: the call was answered with status ${status}.`;
    const remedy = 'Try with the SDK of the service and an identity that holds Cognitive Services User.';
    return { finding: warning(check, detail, remedy), isReady: undefined };
  } catch (error) {
    const { message } = asRotationError(error);
    const detail =
      'Whether the account could do without keys is not known: there was no answer to a call with a token.';
    return { finding: warning(check, detail, message), isReady: undefined };
  }
}

async function exchangeFinding(
  parts: CheckParts,
  { account, published }: PostureSubject,
  details: Details,
): Promise<Finding | undefined> {
  const check = 'tokenExchange';
  if (published === undefined) return undefined;
  try {
    const exchange = await parts.posture.exchangeToken(account, details, published);
    if (exchange === undefined) return undefined;
    if (exchange.isIssued) return pass(check, 'The published key is exchanged for a token (issueToken).');
    const detail = `The published key was not exchanged for a token (status ${exchange.status}).`;
    return warning(check, detail, 'See the finding about the published key; applications may use the key itself.');
  } catch (error) {
    return warning(check, 'The published key was not exchanged for a token.', asRotationError(error).message);
  }
}
