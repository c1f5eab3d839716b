// The two slots of an account: role, fingerprint, and when each got its value. It must not know key values.

import { intervalOf, type Tone } from '../fleet/fleet.ts';
import { Badge, Bar, Fingerprint, When } from '../parts.tsx';
import { shareText, spanText } from '../time.ts';
import type { AccountStatus, HistoryLine } from '../types.ts';
import { regeneratedAt } from './rotations.ts';

const ROLES: Readonly<Record<AccountStatus['keys'][number]['role'], readonly [Tone, string, string]>> = {
  published: ['good', 'Published', 'Applications read this key.'],
  standby: ['quiet', 'Standby', 'No application should use this key; the next rotation regenerates it.'],
  superseded: ['busy', 'Superseded', 'Still valid while applications take the other key.'],
};

export function Slots({
  status,
  history,
  now,
}: {
  status: AccountStatus;
  history: readonly HistoryLine[];
  now: number;
}) {
  if (status.keys.length === 0) return null;
  return (
    <section class="slots" aria-label="Keys">
      {status.keys.map(({ slot, role, fingerprint, seenAt }) => {
        const [tone, label, what] = ROLES[role];
        // The service keeps the instant for the published key; the history that the page reads may be too short.
        const known = role === 'published' ? status.keyRegeneratedAt : undefined;
        const at = known === undefined ? regeneratedAt(history, slot) : Date.parse(known);
        return (
          <article class={`panel slot ${role}`} key={slot}>
            <h2>
              {slot} <Badge tone={tone}>{label}</Badge>
            </h2>
            {fingerprint === undefined ? (
              <p class="muted unknown">
                Fingerprint not known: it was not read since the slot was regenerated. A check reads it.
              </p>
            ) : (
              <Fingerprint value={fingerprint} />
            )}
            {seenAt === undefined ? null : (
              <p class="muted">
                As a check has read it <When at={seenAt} now={now} isRelative />.
              </p>
            )}
            <p class="muted">{what}</p>
            {at === undefined ? (
              <p>
                <b>Age not known.</b>{' '}
                <span class="muted">This service has not made this key, as far as its history shows.</span>
              </p>
            ) : (
              <p>
                <b>{spanText(Math.max(0, now - at))} old</b>, regenerated <When at={at} now={now} />
              </p>
            )}
            {role === 'published' ? <Due status={status} now={now} /> : null}
          </article>
        );
      })}
    </section>
  );
}

/** The time to the next rotation. */
function Due({ status, now }: { status: AccountStatus; now: number }) {
  const interval = intervalOf(status, now);
  if (interval?.isKnown !== true) return null;
  const { share, tone, sinceMs, wholeMs, word } = interval;
  const text = `${shareText(sinceMs, wholeMs)} since the last rotation${word === '' ? '' : `, ${word}`}`;
  return <Bar share={share} tone={tone} text={text} />;
}
