// `check`: looks at keys, secret, record and permissions of an account; changes none of them.
import type { CheckPlan, CheckReport } from '../answers.ts';
import { ACCOUNT, command, DRY_RUN } from '../command.ts';
import { EXIT } from '../failure.ts';
import { table, visible } from '../text.ts';

export const check = command(
  {
    name: 'check',
    does: 'looks at everything that a rotation of the account depends on, and changes nothing.',
    flags: {
      'search-vault': { kind: 'switch', means: 'also looks for either key in the other secrets of the vault' },
      reason: { kind: 'text', value: 'TEXT', means: 'why; is shown with the result' },
      'dry-run': { ...DRY_RUN, means: 'shows which calls would be sent' },
    },
    rest: ACCOUNT,
    examples: ['check demo-language-1', 'check demo-language-1 --search-vault'],
  },
  async ({ client, show }, { rest: [account = ''], reason, 'search-vault': searchVault, 'dry-run': dryRun }) => {
    const body = { searchVault, dryRun, ...(reason === undefined ? {} : { reason }) };
    const answer = await client.post<CheckReport | CheckPlan>(['accounts', account, 'check'], { body });
    const result = answer.body;
    if ('calls' in result) {
      show(result, () => planText(result));
      return EXIT.fine;
    }
    show(result, () => reportText(account, result));
    return result.isHealthy ? EXIT.fine : EXIT.wrong;
  },
);

function planText({ calls, total, others }: CheckPlan): string {
  const rows = calls.map(({ call, count }) => [call, String(count)]);
  return `${table(['CALL', 'AT MOST'], rows)}${total} calls at most. ${visible(others)}\n`;
}

function reportText(account: string, { isHealthy, findings }: CheckReport): string {
  const rows = findings.map(({ check: name, result, detail }) => [name, result, detail]);
  const remedies = findings.flatMap(({ check: name, remedy }) =>
    remedy === undefined ? [] : [`${visible(`${name}: ${remedy}`)}\n`],
  );
  return [
    `${visible(account)} is ${isHealthy ? 'healthy' : 'NOT HEALTHY'}.\n`,
    table(['CHECK', 'RESULT', 'DETAIL'], rows),
    remedies.length === 0 ? '' : `\nWhat to do:\n${remedies.join('')}`,
  ].join('');
}
