// The state of a leaked key: when it was replaced, when it was proven dead, and the service's own summary.
// It must not ask the API.
import { Sentence, When } from '../parts.tsx';
import type { RequestStatus } from '../types.ts';
import { milestonesOf } from './request-words.ts';

export function LeakedKey({ request, now }: { request: RequestStatus; now: number }) {
  return (
    <div class="leaked">
      <dl>
        {milestonesOf(request).map(({ label, at, otherwise }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{at === undefined ? <span class="muted">{otherwise}</span> : <When at={at} now={now} />}</dd>
          </div>
        ))}
      </dl>
      {request.summary === undefined ? null : (
        <p>
          <Sentence text={request.summary} now={now} />
        </p>
      )}
    </div>
  );
}
