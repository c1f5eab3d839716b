// The line on top of each view: whether the service is alive, what is wrong, what that means, and what to do.
// It also says how old the view is. It must not judge: `alive-words.ts` does.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Api, Failure, Result } from '../api.ts';
import { useContact, useNow, usePoll } from '../hooks.ts';
import { Mark, RunbookLink, Sentence } from '../parts.tsx';
import { spanText } from '../time.ts';
import type { Health } from '../types.ts';
import { aliveOf } from './alive-words.ts';

const POLL_MS = 10_000;
/** The service reads the whole fleet for its health: a big one is asked less often. */
const SHARE_OF_TIME = 8;

/** The health of the service, kept fresh. 503 is an answer: the timer is late. */
function useHealth(
  api: Api,
  asked: number,
): { readonly health: Health | undefined; readonly failure: Failure | undefined } {
  const [seen, setSeen] = useState<{ readonly health?: Health; readonly failure?: Failure }>({});
  const poll = usePoll<Result<Health>>(
    {
      ask: () => api.get<Health>('health', [503]),
      onAnswer: (answer) =>
        setSeen((former) => (answer.ok ? { health: answer.value } : { ...former, failure: answer.failure })),
      isGood: ({ ok }) => ok,
      pauseMs: (took) => Math.max(POLL_MS, took * SHARE_OF_TIME),
    },
    [api],
  );
  useEffect(() => {
    if (asked > 0) poll.now();
  }, [asked]);
  return { health: seen.health, failure: seen.failure };
}

interface Props {
  readonly api: Api;
  /** When the data of the view came. */
  readonly updatedAt: number | undefined;
  /** Counts the times at which the viewer has changed something: the line must not contradict the view for long. */
  readonly asked: number;
}

export function AliveLine({ api, updatedAt, asked }: Props) {
  const { health, failure } = useHealth(api, asked);
  const contact = useContact(api.contact);
  const now = useNow();
  const { tone, title, line, meaning, remedy, heading } = aliveOf({ health, failure, contact }, now);
  const isLost = contact.lostAt !== undefined;
  const wasLost = useRef(false);
  if (isLost) wasLost.current = true;
  const said = wasLost.current && !isLost ? 'Connected again.' : tone === 'quiet' ? '' : title;
  return (
    <>
      <div class="sr" role="status">
        {said}
      </div>
      <section class={`alive ${tone} ${isLost ? 'connection' : ''}`} aria-label="The service">
        <p class="first">
          <Mark tone={tone} />
          <span>
            <strong>{title}</strong> <Sentence text={line} now={now} />
          </span>
          {updatedAt === undefined ? null : (
            <span class="updated">Updated {spanText(Math.max(0, now - updatedAt))} ago</span>
          )}
        </p>
        {meaning === undefined ? null : <p>{meaning}</p>}
        {remedy === undefined ? null : (
          <p>
            <b>What to do:</b> <Sentence text={remedy} now={now} />{' '}
            {heading === undefined ? null : <RunbookLink heading={heading} />}
          </p>
        )}
      </section>
    </>
  );
}
