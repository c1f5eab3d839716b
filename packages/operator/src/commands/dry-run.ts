// How a dry run looks to people: what would be done, when, and what it means for applications.
import type { DryRun } from '../answers.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { table, visible } from '../text.ts';

export function dryRunText({ steps, waits, end, consumers, others, outcome }: DryRun): string {
  const rows = steps.map(({ at, step, slot, calls }) => [at, step, slot ?? '', calls.join(', ')]);
  const risks = consumers.map(({ consumer, risk, detail }) => `  ${consumer}: ${risk}. ${detail}`);
  return [
    rows.length === 0 ? 'No step would follow.\n' : table(['AT', 'STEP', 'SLOT', 'CALLS'], rows),
    ...waits.map(({ until, reason }) => visibleLine(`Waits until ${until}: ${reason}`)),
    end === undefined ? '' : visibleLine(`Ends ${end.at}: ${end.reason}${end.isBlocked ? ', blocked' : ''}`),
    end?.detail === undefined ? '' : `  ${visible(end.detail)}\n`,
    outcome === undefined ? '' : visibleLine(`Outcome: ${outcome}`),
    `Applications:\n${risks.map(visibleLine).join('')}  ${visible(others)}\n`,
    'Dry run: nothing was changed.\n',
  ].join('');
}

const visibleLine = (line: string): string => `${visible(line.trimEnd())}\n`;

/** Something is wrong if the account would be held, or the request would be refused. */
export function codeOfDryRun({ end, outcome }: DryRun): ExitCode {
  return end?.isBlocked === true || outcome?.startsWith('Refused') === true ? EXIT.wrong : EXIT.fine;
}
