// `status`: the health of the service and its accounts, or one account.
import type { AccountStatus, AccountSummary, FleetAnswer, HealthReport } from '../answers.ts';
import { type Context, command } from '../command.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { facts, table, visible } from '../text.ts';

/** The most that the service returns in a page. */
const PAGE = 1_000;

export const status = command(
  {
    name: 'status',
    does: 'shows the health of the service and its accounts, or one account.',
    flags: {
      blocked: { kind: 'switch', means: 'only accounts that are blocked' },
      search: { kind: 'text', value: 'TEXT', means: 'only accounts with this in their alias or resource id' },
      limit: { kind: 'number', means: 'accounts that are shown', minimum: 1, maximum: 100_000, default: 1_000 },
    },
    rest: { value: '[ACCOUNT]', means: 'the alias of an account; without it, all accounts', atMost: 1 },
    examples: ['status --url https://<app>.azurewebsites.net', 'status demo-language-1', 'status --blocked --json'],
  },
  async (context, { rest: [account], blocked, search, limit }) => {
    if (account !== undefined) return showOne(context, account);
    const { body: health } = await context.client.get<HealthReport>(['health']);
    const filter = { search, ...(blocked ? { blocked: 'true' } : {}) };
    const fleet = await readFleet(context, filter, limit);
    context.show({ health, ...fleet }, () => `${healthText(health)}\n${fleetText(fleet)}`);
    return health.isHealthy && !fleet.accounts.some(isWrong) ? EXIT.fine : EXIT.wrong;
  },
);

async function showOne({ client, show }: Context, name: string): Promise<ExitCode> {
  const { body } = await client.get<AccountStatus>(['accounts', name]);
  show(body, () => accountText(body));
  return isWrong(body) ? EXIT.wrong : EXIT.fine;
}

const isWrong = ({ isBlocked, isOverdue, failures }: AccountSummary): boolean => isBlocked || isOverdue || failures > 0;

/** The accounts that match, page after page, at most `limit`. */
export async function readFleet(
  { client }: Pick<Context, 'client'>,
  filter: Readonly<Record<string, string | undefined>>,
  limit: number,
): Promise<FleetAnswer> {
  const accounts: AccountSummary[] = [];
  let page: FleetAnswer | undefined;
  do {
    const query: Record<string, string | undefined> = {
      ...filter,
      limit: String(Math.min(PAGE, limit - accounts.length)),
      after: page?.next,
    };
    page = (await client.get<FleetAnswer>(['accounts'], query)).body;
    accounts.push(...page.accounts);
  } while (page.next !== undefined && accounts.length < limit && page.accounts.length > 0);
  return { ...page, accounts };
}

function healthText(report: HealthReport): string {
  const { isHealthy, timer, isFrozen, configurationProblems, deadNotifications } = report;
  return facts([
    ['service', isHealthy ? 'healthy' : 'NOT HEALTHY'],
    ['timer', timer.detail],
    ['what to do', timer.remedy],
    ['frozen', isFrozen ? 'yes: no rotation begins or goes on' : undefined],
    ['accounts', report.accounts],
    ['blocked', report.blocked.count],
    ['overdue', report.overdue.count],
    ['failing', report.failing.count],
    ['configuration problems', configurationProblems === 0 ? undefined : configurationProblems],
    ['notifications given up', deadNotifications === 0 ? undefined : deadNotifications],
  ]);
}

function fleetText({ accounts, total, problems }: FleetAnswer): string {
  const rows = accounts.map((account) => [
    account.account,
    account.phase,
    standingOf(account),
    account.publishedSlot ?? '',
    account.nextRotationAt ?? '',
    account.reason ?? '',
  ]);
  const wrong = problems.map(({ setting, expected, remedy }) => `${visible(`${setting}: ${expected} ${remedy}`)}\n`);
  return [
    rows.length === 0
      ? 'No account matches.\n'
      : table(['ACCOUNT', 'PHASE', 'STATE', 'PUBLISHED', 'NEXT ROTATION', 'LAST PASS'], rows),
    accounts.length < total ? `${accounts.length} of ${total} accounts are shown.\n` : '',
    problems.length === 0 ? '' : `\nProblems of the configuration:\n${wrong.join('')}`,
  ].join('');
}

export function standingOf({ isBlocked, isOverdue, failures }: AccountSummary): string {
  if (isBlocked) return 'BLOCKED';
  if (failures > 0) return 'FAILING';
  return isOverdue ? 'OVERDUE' : 'ok';
}

export function accountText(account: AccountStatus): string {
  const { keys, pause, overlap, openRequests } = account;
  const missing = overlap?.missingConsumers.join(', ');
  return facts([
    ['account', account.account],
    ['resource', account.resourceId],
    ['policy', account.policy],
    ['phase', account.phase],
    ['state', standingOf(account)],
    ['last pass', account.reason],
    ['detail', account.detail],
    ['paused', pause === undefined ? undefined : `by ${pause.by} at ${pause.at}: ${pause.reason}`],
    ['next rotation', account.nextRotationAt],
    ['overlap ends', overlap?.endsAt],
    ['waits for consumers', missing === '' ? undefined : missing],
    ...keys.map(
      ({ slot, role, fingerprint }) => [slot, `${role}${fingerprint === undefined ? '' : ` ${fingerprint}`}`] as const,
    ),
    ...openRequests.map(
      ({ kind, id, waitsFor }) => ['open request', `${kind} ${id}, waits for ${waitsFor ?? 'nothing'}`] as const,
    ),
  ]);
}
