// A live test, step by step: a whole rotation with a kill in the middle, an emergency, the doctor, the transcript. The
// same steps run on Azure and on the local Azure. It must not print, or tear down: its caller does.
import { setTimeout as sleep } from 'node:timers/promises';
import { askAll } from './calls.ts';
import type { Installation, LiveAccount } from './installation.ts';
import type { Entry } from './transcript.ts';

export interface Played {
  readonly transcript: readonly Entry[];
  /** From the request about a leaked key to its replacement, and to the proof of its death. */
  readonly secondsToReplaced: number;
  readonly secondsToProven: number | undefined;
  readonly doctor: string;
}

const LOOK_EVERY_MS = { swift: 250, slow: 15_000 };
/** With the short policy of the live test a rotation takes about half an hour on Azure. */
const PATIENCE_MS = { swift: 120_000, slow: 120 * 60_000 };

type Answer = Readonly<Record<string, unknown>>;

/** Rejects with one sentence at the first step that does not come to its end. */
export async function play(installation: Installation, say: (line: string) => void): Promise<Played> {
  const { accounts } = installation;
  const pace = installation.isSwift ? 'swift' : 'slow';
  const until = async (what: string, isThere: () => Promise<boolean>): Promise<void> => {
    const end = Date.now() + PATIENCE_MS[pace];
    while (!(await isThere())) {
      if (Date.now() > end) throw new Error(`${what}: not after ${PATIENCE_MS[pace] / 60_000} minutes.`);
      await sleep(LOOK_EVERY_MS[pace]);
    }
    say(what);
  };
  // While its host starts, the service does not answer.
  const shown = ({ name }: LiveAccount): Promise<Answer> =>
    installation.api('GET', `accounts/${name}`).catch(() => ({}));
  const each = (holds: (answer: Answer) => boolean) => async () =>
    (await Promise.all(accounts.map(shown))).every(holds);

  await until(
    'every account is adopted',
    each(({ phase }) => phase === 'idle'),
  );
  const doctor = await installation.doctor();
  say(`doctor: ${doctor}`);
  for (const { name } of accounts) await installation.api('POST', `accounts/${name}/rotate`, { reason: 'live test' });
  await until('a rotation is under way', async () =>
    (await Promise.all(accounts.map(shown))).some(({ phase }) => phase === 'preparing' || phase === 'propagating'),
  );
  await installation.kill();
  say('the host was ended in the middle of it');
  await until(
    'every account has rotated',
    each(({ phase, rotationId }) => phase === 'idle' && Number(rotationId) >= 1),
  );
  const [leaked] = accounts;
  if (leaked === undefined) throw new Error('There is no account.');
  const emergency = await replaceLeaked(installation, leaked, until);
  const transcript = await askAll(installation.place);
  say(`${transcript.length} requests sent, and the shapes of their answers kept`);
  return { transcript, doctor, ...emergency };
}

async function replaceLeaked(
  installation: Installation,
  { name }: LiveAccount,
  until: (what: string, isThere: () => Promise<boolean>) => Promise<void>,
) {
  const body = { reason: 'live test', compromised: 'published' };
  const { request } = (await installation.api('POST', `accounts/${name}/rotate`, body)) as {
    readonly request: Answer & { readonly id: string };
  };
  const { id } = request;
  let last: Answer = request;
  await until('a key that was named as leaked is replaced, and its request is closed', async () => {
    last = await installation.api('GET', `accounts/${name}/requests/${id}`).catch(() => last);
    return last['state'] === 'closed';
  });
  const { at, replacedAt, provenAt } = last as Readonly<Record<string, string | undefined>>;
  const seconds = (to: string | undefined): number => Math.round((Date.parse(to ?? '') - Date.parse(at ?? '')) / 1_000);
  return {
    secondsToReplaced: seconds(replacedAt),
    secondsToProven: provenAt === undefined ? undefined : seconds(provenAt),
  };
}
