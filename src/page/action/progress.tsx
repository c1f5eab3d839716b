// How far a request got, until it is closed and the rotation that it began is over. It must not ask for anything twice.
import { useEffect, useState } from 'preact/hooks';
import { Phases } from '../account/phases.tsx';
import type { Rotation } from '../account/rotations.ts';
import type { Api } from '../api.ts';
import { useNow } from '../hooks.ts';
import { Badge } from '../parts.tsx';
import type { AccountStatus, RequestStatus } from '../types.ts';
import { LeakedKey } from './leaked-key.tsx';
import { standingOfRequest } from './request-words.ts';

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
  // The status may be older than the request: then `idle` is the rest before the request.
  const isSeen = (status.rotationId ?? 0) >= (request.rotationId ?? 0);
  const { tone, label, sentence } = standingOfRequest(request, status.phase === 'idle' && isSeen);
  return (
    <div class="progress">
      <p role="status">
        <Badge tone={tone}>{label}</Badge> {sentence}
      </p>
      {request.kind === 'compromised' ? <LeakedKey request={request} now={now} /> : null}
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
        // A copy after a failure: the new object makes this effect ask again.
        setRequest(answer.ok ? answer.value : { ...request });
      });
    }, POLL_MS);
    return () => clearTimeout(timer);
  }, [request]);
  return request;
}
