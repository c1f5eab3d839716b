// `freeze` and `unfreeze`: what operators ask of the whole fleet at once.
import type { FreezeAnswer, FreezePlan } from '../answers.ts';
import { command, DRY_RUN, REASON, type Runnable } from '../command.ts';
import { EXIT } from '../failure.ts';
import { facts } from '../text.ts';

const state = (isFrozen: boolean): string =>
  isFrozen ? 'yes: no rotation begins or goes on; leaked keys are replaced' : 'no';

function freezeText({ isFrozen, changed }: FreezeAnswer): string {
  return facts([
    ['frozen', state(isFrozen)],
    ['by', changed?.by],
    ['reason', changed?.reason],
    ['since', changed?.at],
  ]);
}

function planText({ present, isFrozen, underWay, due, campaigns }: FreezePlan): string {
  const named = ({ count, accounts }: FreezePlan['due']): string =>
    count === 0 ? '0' : `${count}: ${accounts.join(', ')}${count > accounts.length ? ', …' : ''}`;
  const counts = facts([
    ['frozen now', state(present.isFrozen)],
    ['it would be', state(isFrozen)],
    ['under way', named(underWay)],
    ['due', named(due)],
    ['campaigns', campaigns],
  ]);
  return `${counts}Dry run: nothing was changed.\n`;
}

function freezing(name: 'freeze' | 'unfreeze', does: string): Runnable {
  return command(
    {
      name,
      does,
      flags: {
        reason: { ...REASON, means: 'why; is kept with the freeze, and in the log of the service' },
        'dry-run': DRY_RUN,
      },
      examples: [`${name} --reason "the network team works" --dry-run`, `${name} --reason "the network team works"`],
    },
    async ({ world, client, show }, { reason, 'dry-run': isDryRun }) => {
      if (isDryRun) {
        const { body } = await client.post<FreezePlan>([name], { body: { reason, dryRun: true } });
        show(body, () => planText(body));
        return EXIT.fine;
      }
      const { body } = await client.post<FreezeAnswer & { isChanged: boolean }>([name], { body: { reason } });
      if (!body.isChanged) world.err('It was so before: the former name and reason stay.\n');
      show(body, () => freezeText(body));
      return EXIT.fine;
    },
  );
}

export const freeze = freezing('freeze', 'stops the rotations of all accounts. Leaked keys are replaced all the same.');
export const unfreeze = freezing('unfreeze', 'ends the freeze of all accounts.');
