// How far an overlap is, and which consumers have the new key: by their word, or observed. It must not ask the API.
import { Badge, Bar, When } from '../parts.tsx';
import { shareText } from '../time.ts';
import type { AccountStatus, OverlapStatus } from '../types.ts';
import { holderNamed, holderTitle, kindText } from './holder-words.ts';

export function Overlap(props: { overlap: OverlapStatus; holders: AccountStatus['holders']; now: number }) {
  const { overlap, holders, now } = props;
  const { consumers, missingConsumers } = overlap;
  const since = Date.parse(overlap.since);
  const wholeMs = Math.max(1, Date.parse(overlap.endsAt) - since);
  const partMs = Math.min(wholeMs, Math.max(0, now - since));
  return (
    <div class="overlap">
      <h3>Overlap</h3>
      <Bar share={partMs / wholeMs} tone="busy" text={shareText(partMs, wholeMs)} />
      <p class="muted">
        Since <When at={overlap.since} now={now} />, at least until <When at={overlap.minimumEndsAt} now={now} />, at
        most until <When at={overlap.maximumEndsAt} now={now} />.
      </p>
      {consumers.length === 0 ? (
        <p class="muted">The policy names no consumers, so that the whole overlap is waited for.</p>
      ) : (
        <>
          <p>
            {consumers.length - missingConsumers.length} of {consumers.length} consumers have the new key.
          </p>
          <ul class="consumers">
            {consumers.map(({ consumer, acknowledgedAt }) => {
              const holder = holderNamed(consumer, holders);
              const isMissing = acknowledgedAt === undefined;
              return (
                <li key={consumer}>
                  <Badge tone={isMissing ? 'warn' : 'good'}>
                    {isMissing ? 'missing' : holder === undefined ? 'acknowledged' : 'observed'}
                  </Badge>{' '}
                  {holder === undefined ? consumer : `${holderTitle(holder)}, ${kindText(holder)}`}{' '}
                  {acknowledgedAt === undefined ? null : <When at={acknowledgedAt} now={now} />}
                </li>
              );
            })}
          </ul>
        </>
      )}
    </div>
  );
}
