// The open requests of an account: what each waits for, until when, and the button that withdraws it.
// It must not withdraw: the dialog does.
import { LeakedKey } from '../action/leaked-key.tsx';
import { waitingText, withdrawalRole } from '../action/request-words.ts';
import { When } from '../parts.tsx';
import type { Me, RequestStatus } from '../types.ts';
import { ACTIONS, callerText, spelledOut } from '../words.ts';

interface Props {
  readonly requests: readonly RequestStatus[];
  readonly me: Me;
  readonly now: number;
  readonly withdraw: (request: RequestStatus) => void;
}

export function OpenRequests({ requests, me, now, withdraw }: Props) {
  return (
    <>
      {requests.map((request) => (
        <div class={request.kind === 'compromised' ? 'note warn' : 'note quiet'} key={request.id}>
          {request.kind === 'compromised' ? (
            <>
              <strong>A key has leaked: {request.state}.</strong>
              <LeakedKey request={request} now={now} />
            </>
          ) : (
            <strong>Asked for: {spelledOut(request.kind)}.</strong>
          )}{' '}
          By {callerText(request.by)}, <When at={request.at} now={now} />: {request.reason}{' '}
          <Waiting request={request} now={now} />
          {request.state === 'open' && me.roles.includes(withdrawalRole(request)) ? (
            <button type="button" class="link" onClick={() => withdraw(request)}>
              {ACTIONS.withdraw.label}
            </button>
          ) : null}
        </div>
      ))}
    </>
  );
}

function Waiting({ request, now }: { request: RequestStatus; now: number }) {
  const { waitsUntil, expiresAt } = request;
  return (
    <p>
      {waitingText(request)}
      {waitsUntil === undefined ? null : (
        <>
          {' '}
          Until <When at={waitsUntil} now={now} />.
        </>
      )}
      {expiresAt === undefined ? null : (
        <>
          {' '}
          It expires <When at={expiresAt} now={now} />.
        </>
      )}
    </p>
  );
}
