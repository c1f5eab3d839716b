// How far a request got, until it is closed and the rotation that it began is over. It must not ask for anything twice.
import { useEffect, useState } from 'preact/hooks';
import type { Api } from './api.ts';
import { useNow } from './hooks.ts';
import { Badge } from './parts.tsx';
import { Phases } from './phases.tsx';
import type { Rotation } from './rotations.ts';
import type { AccountStatus, RequestStatus } from './types.ts';
import { spelledOut } from './words.ts';

const POLL_MS = 1_000;

export function Progress(props: {
  api: Api;
  asked: RequestStatus;
  status: AccountStatus;
  rotation: Rotation | undefined;
}) {
  const { api, asked, status, rotation } = props;
  const request = useRequest(api, status.account, asked);
  const now = useNow();
  const isRefused = request.outcome?.startsWith('Refused') === true;
  // What is known of the account may be older than the request: then its rest is the one before.
  const isSeen = (status.rotationId ?? 0) >= (request.rotationId ?? 0);
  const isAtRest = status.phase === 'idle' && isSeen;
  const isOver = request.state === 'closed' && (isAtRest || request.kind === 'approve' || isRefused);
  return (
    <div class="progress">
      <p role="status">
        {request.state === 'open' ? (
          <>
            <Badge tone="busy">open</Badge> The request is stored, and worked on.
          </>
        ) : (
          <>
            <Badge tone={isRefused ? 'bad' : 'good'}>{spelledOut(request.outcome ?? 'closed')}</Badge>{' '}
            {isOver ? 'Done.' : 'It goes on by itself; this dialog may be closed.'}
          </>
        )}
      </p>
      <Phases status={status} rotation={rotation} now={now} />
    </div>
  );
}

/** The request as it is now; asked for until it is closed. */
function useRequest(api: Api, alias: string, asked: RequestStatus): RequestStatus {
  const [request, setRequest] = useState(asked);
  useEffect(() => {
    if (request.state === 'closed') return;
    const timer = setTimeout(() => {
      void api.get<RequestStatus>(`accounts/${alias}/requests/${request.id}`).then((answer) => {
        // A copy, so that an answer that says the same is asked for again.
        setRequest(answer.ok ? answer.value : { ...request });
      });
    }, POLL_MS);
    return () => clearTimeout(timer);
  }, [request]);
  return request;
}
