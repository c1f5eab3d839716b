// Checks how the account is set up around its keys: permissions, network, and whether it could do without keys.
// Changes nothing. A failed read becomes a finding, never an error, so that it does not hide the other findings.

import { findResourceType } from '../../base/find-resource-type.ts';
import { allEnded } from '../../base/lanes.ts';
import { asRotationError } from '../../rotation/errors.ts';
import type { Account } from '../../rotation/model.ts';
import type { KeyPair } from '../../rotation/ports.ts';
import type { SecretValue } from '../../rotation/secret.ts';
import type { CheckReport, Finding } from '../answers/check.ts';
import { fail, pass, unknown, warning } from './findings.ts';
import type { CheckParts } from './ports.ts';

type Details = Awaited<ReturnType<CheckParts['posture']['read']>>;
type Grant = Awaited<ReturnType<CheckParts['posture']['listGrants']>>[number];

export interface PostureReport {
  readonly findings: readonly Finding[];
  /** Whether Microsoft Entra tokens work in place of keys, as a call of this identity showed. */
  readonly isReadyForKeyless: CheckReport['isReadyForKeyless'];
  /** Where the account is, if it could be read. */
  readonly address?: Pick<Details, 'endpoint' | 'location'>;
}

export interface PostureSubject {
  readonly account: Account;
  /** The published key, if known. */
  readonly published: SecretValue | undefined;
  /** The keys, if they could be listed. */
  readonly keys: KeyPair | undefined;
  /** What the probes say of the account's network rules. `closedOrDead`: both keys are dead, or the rules are closed. */
  readonly network: 'open' | 'closed' | 'closedOrDead';
}

/** The permissions that a rotation needs, each with its purpose. None is known for a type that is not rotated. */
function neededActions({ id }: Account): readonly (readonly [action: string, purpose: string])[] {
  const actions = findResourceType(id)?.actions;
  if (actions === undefined) return [];
  return [
    [actions.read, 'look at the account'],
    [actions.list, 'read the keys'],
    [actions.regenerate, 'regenerate a key'],
  ];
}

export async function checkPosture(parts: CheckParts, subject: PostureSubject): Promise<PostureReport> {
  const { account } = subject;
  const [permissions, read] = await allEnded([permissionFindings(parts, subject), readDetails(parts, account)]);
  if ('finding' in read) return { findings: [...permissions, read.finding], isReadyForKeyless: 'unknown' };
  const { details } = read;
  const [keyless, exchange] = await allEnded([
    keylessFinding(parts, account, details),
    exchangeFinding(parts, subject, details),
  ]);
  const findings = [
    ...permissions,
    ...proofFindings(account, details),
    ...stateFindings(details),
    networkFinding(subject, details),
    keyless.finding,
    ...(exchange === undefined ? [] : [exchange]),
  ];
  const { endpoint, location } = details;
  return { findings, isReadyForKeyless: keyless.isReady, address: { endpoint, location } };
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

async function permissionFindings(parts: CheckParts, subject: PostureSubject): Promise<readonly Finding[]> {
  const check = 'armPermissions';
  const { account } = subject;
  try {
    const grants = await parts.posture.listGrants(account);
    const missing = neededActions(account).filter(([action]) => !isGranted(grants, action));
    if (missing.length === 0) return [pass(check, 'The identity may read the account, list and regenerate its keys.')];
    return missing.map(([action, purpose]) =>
      fail(
        check,
        `The identity may not ${purpose}: ${action} is missing.`,
        `Assign a role with ${action} on the account; new assignments take some minutes.`,
      ),
    );
  } catch (error) {
    const { code, message } = asRotationError(error);
    if (code !== 'Forbidden') return [unknown(check, 'What the identity may do could not be listed.', message)];
    return [unprovenPermissions(subject)];
  }
}

/** As deployed the identity may not list its permissions. Only a write would prove that it may regenerate a key. */
function unprovenPermissions({ account, keys }: PostureSubject): Finding {
  const listed = keys === undefined ? '' : ' It may list the keys of the account, as this check has done.';
  const open = keys === undefined ? 'list or regenerate keys' : 'regenerate a key';
  return unknown(
    'armPermissions',
    `The identity may not list its own permissions.${listed} Whether it may ${open} is not known.`,
    `This lists its roles: az role assignment list --assignee <client id> --scope ${account.id} --include-inherited --include-groups --output table`,
  );
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

function proofFindings({ policy }: Account, { obstacle }: Details): readonly Finding[] {
  if (obstacle === undefined) return [];
  if (policy.verification !== 'listing') return [fail('keyProof', obstacle, OBSTACLE_REMEDY)];
  return [
    warning(
      'keyProof',
      "This account is rotated on Azure Resource Manager's word (verification: listing): no call proves a key of its kind. The death of a superseded key is not proven.",
      'After each rotation, see in the logs of the applications that no program uses the superseded key.',
    ),
  ];
}

function stateFindings({ endpoint, ...details }: Details): readonly Finding[] {
  const { provisioningState, disableLocalAuth, customSubDomainName, hasOwnHost } = details;
  return [
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
    hasOwnHost === true
      ? pass('customSubdomain', `Every account of this type has a host of its own: ${endpoint}.`)
      : customSubDomainName === undefined
        ? warning(
            'customSubdomain',
            'The account has no custom subdomain.',
            'Give it one: Microsoft Entra sign-in and private endpoints need it, and it cannot be changed later.',
          )
        : pass('customSubdomain', `The custom subdomain is ${customSubDomainName}.`),
  ];
}

function networkFinding({ network }: PostureSubject, details: Details): Finding {
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
  const isKeptOut = network === 'closed' || (network === 'closedOrDead' && (isPrivate || isSelected));
  if (!isKeptOut) return pass(check, detail);
  return fail(check, `The account keeps this Function App out. ${detail}`, isPrivate ? PRIVATE_REMEDY : SUBNET_REMEDY);
}

const PRIVATE_REMEDY = 'Integrate the Function App into a network with a private endpoint of the account.';
/** On Flex Consumption, which the template deploys, and on Consumption, the platform may use other addresses at any time. */
const SUBNET_REMEDY =
  'Integrate the Function App into a virtual network, and allow its subnet or give the account a private endpoint there. Its outbound addresses are no definitive list.';

function listed(entries: readonly string[], none: string): string {
  return entries.length === 0 ? none : entries.join(', ');
}

interface Keyless {
  readonly finding: Finding;
  readonly isReady: CheckReport['isReadyForKeyless'];
}

function roleRemedy({ id }: Account): string {
  return `Each application needs ${dataRoleOf(id)}, or the role of its kind.`;
}

function dataRoleOf(id: string): string {
  return findResourceType(id)?.dataPlaneRole ?? 'a role on the data plane';
}

async function keylessFinding(parts: CheckParts, account: Account, details: Details): Promise<Keyless> {
  const check = 'keyless';
  const ready = (detail: string): Keyless => ({ finding: pass(check, `Ready for keyless: ${detail}`), isReady: true });
  const not = (missing: string, remedy: string): Keyless => ({
    finding: warning(check, `Not ready for keyless: ${missing}.`, remedy),
    isReady: false,
  });
  const open = (why: string, remedy: string): Keyless => ({
    finding: unknown(check, `Whether the account could do without keys is not known: ${why}.`, remedy),
    isReady: 'unknown',
  });
  if (details.customSubDomainName === undefined && details.hasOwnHost !== true)
    return not('there is no custom subdomain', 'Give the account a custom subdomain.');
  try {
    const answer = await parts.posture.callWithEntra(account, details);
    if (answer === undefined) {
      const remedy = `Try with the SDK of the service and an identity that holds ${dataRoleOf(account.id)}.`;
      return open(`no harmless call is known for the kind ${details.kind}`, remedy);
    }
    const { status, token, command } = answer;
    switch (token) {
      case 'taken':
        return status >= 200 && status < 300
          ? ready('the data plane took a Microsoft Entra token of this identity in place of a key.')
          : ready(
              `the data plane took the token of this identity, and refused it only for want of a role. ${roleRemedy(account)}`,
            );
      case 'refused':
        return not(
          `the data plane refused a Microsoft Entra token of this identity (status ${status})`,
          roleRemedy(account),
        );
      case 'unknown':
        return open(
          `the call was answered with status ${status}`,
          `This tells, from a network that is let in: ${command}`,
        );
    }
  } catch (error) {
    return open('there was no answer to a call with a token', asRotationError(error).message);
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
