// One account: its slots, the rotation under way, the overlap, the actions, the last check, the history.
// It must not act: the dialog does.
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ActionDialog } from '../action/action-dialog.tsx';
import type { Api, Failure, Result } from '../api.ts';
import { STANDINGS, standingsOf } from '../fleet/fleet.ts';
import { useNow, usePoll } from '../hooks.ts';
import { Badge, FailureNote, When } from '../parts.tsx';
import { spanText } from '../time.ts';
import type { AccountStatus, HistoryAnswer, HistoryLine, Me, RequestStatus } from '../types.ts';
import { ACTIONS, type ActionName, actionsFor, primaryActionFor } from '../words.ts';
import { ConnectivityCheck } from './connectivity-check.tsx';
import { History } from './history.tsx';
import { Holders } from './holders.tsx';
import { OpenRequests } from './open-requests.tsx';
import { Overlap } from './overlap.tsx';
import { Phases } from './phases.tsx';
import { rotationsOf } from './rotations.ts';
import { Slots } from './slots.tsx';
import { Standing } from './standing.tsx';
import { Timeline } from './timeline.tsx';

const BUSY_MS = 1_000;
const RESTING_MS = 3_000;
const HISTORY_LINES = 200;

interface AccountViewProps {
  readonly api: Api;
  readonly me: Me;
  readonly alias: string;
  readonly isFrozen: boolean;
  /** Called when the account has come. */
  readonly heard: () => void;
}

/** The account and its history, both kept fresh. */
function useAccount(api: Api, alias: string, heard: () => void) {
  const [status, setStatus] = useState<AccountStatus>();
  const [failure, setFailure] = useState<Failure>();
  const [history, setHistory] = useState<readonly HistoryLine[]>([]);
  const poll = usePoll<Result<AccountStatus>>(
    {
      ask: () => api.get<AccountStatus>(`accounts/${alias}`),
      onAnswer: (answer) => {
        setFailure(answer.ok ? undefined : answer.failure);
        if (!answer.ok) return;
        setStatus(answer.value);
        heard();
      },
      isGood: ({ ok }) => ok,
      pauseMs: () => (status?.phase === 'idle' ? RESTING_MS : BUSY_MS),
    },
    [alias],
  );
  // The history is read again only if one of these has changed: then it has grown.
  const change = [
    status?.phase,
    status?.rotationId,
    status?.reason,
    status?.publishedVersion,
    status?.pause?.at,
    status?.openRequests.map(({ id, state }) => `${id} ${state}`).join(),
  ].join();
  useEffect(() => {
    let isCurrent = true;
    void api.get<HistoryAnswer>(`accounts/${alias}/history?limit=${HISTORY_LINES}`).then((answer) => {
      if (isCurrent && answer.ok) setHistory(answer.value.entries);
    });
    return () => {
      isCurrent = false;
    };
  }, [alias, change]);
  return { status, failure, history, refresh: poll.now };
}

export function AccountView({ api, me, alias, isFrozen, heard }: AccountViewProps) {
  const { status, failure, history, refresh } = useAccount(api, alias, heard);
  const [action, setAction] = useState<{ readonly name: ActionName; readonly request?: RequestStatus }>();
  const actions = useRef<HTMLDivElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    // The button that opened the dialog may be gone: the present actions take the focus instead.
    if (wasOpen.current && document.activeElement === document.body) actions.current?.focus();
    wasOpen.current = action !== undefined;
  }, [action]);
  const now = useNow();
  const rotations = useMemo(() => rotationsOf(history), [history]);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const rotation = rotations.find(({ id }) => id === status?.rotationId);
  return (
    <>
      <nav aria-label="Path" class="path">
        <a href="#/">All accounts</a>
      </nav>
      <h1 ref={heading} tabIndex={-1}>
        {alias}
      </h1>
      {failure?.kind === 'problem' ? <FailureNote failure={failure} /> : null}
      {status === undefined ? (
        failure === undefined ? (
          <p class="muted">Asking for the account…</p>
        ) : null
      ) : (
        <>
          <Facts status={status} now={now} />
          <Standing status={status} isFrozen={isFrozen} now={now} />
          <OpenRequests
            requests={status.openRequests}
            me={me}
            now={now}
            withdraw={(request) => setAction({ name: 'withdraw', request })}
          />
          <Actions status={status} me={me} begin={(name) => setAction({ name })} group={actions} />
          <section class="panel" aria-labelledby="rotation-heading">
            <h2 id="rotation-heading">
              {(status.rotationId ?? 0) === 0 ? 'Rotation' : `Rotation № ${status.rotationId ?? 0}`}
            </h2>
            <Phases status={status} rotation={rotation} now={now} />
            {status.overlap === undefined ? null : (
              <Overlap overlap={status.overlap} holders={status.holders} now={now} />
            )}
          </section>
          <Slots status={status} history={history} now={now} />
          <Holders status={status} now={now} />
          <ConnectivityCheck last={status.lastCheck} now={now} />
          <Timeline history={history} />
          <History history={history} now={now} />
          {action === undefined ? null : (
            <ActionDialog
              api={api}
              name={action.name}
              request={action.request}
              status={status}
              rotation={rotation}
              refresh={refresh}
              close={() => setAction(undefined)}
            />
          )}
        </>
      )}
    </>
  );
}

function Facts({ status, now }: { status: AccountStatus; now: number }) {
  const { resourceId, policy, rotationIntervalSeconds, verification, nextRotationAt, lastPassAt } = status;
  const { kind, location, owner } = status;
  return (
    <div class="facts">
      {standingsOf(status).map((standing) => (
        <Badge tone={STANDINGS[standing][1]} key={standing}>
          {STANDINGS[standing][0]}
        </Badge>
      ))}
      <span>
        Policy <b>{policy}</b>, every {spanText(rotationIntervalSeconds * 1_000)}
      </span>
      {verification === undefined ? null : (
        <span>
          Verification <b>{verification}</b>: without a call that proves a key, Azure Resource Manager's list counts
        </span>
      )}
      {nextRotationAt === undefined ? null : (
        <span>
          Next rotation <When at={nextRotationAt} now={now} isRelative />
        </span>
      )}
      {lastPassAt === undefined ? null : (
        <span>
          Last pass with news <When at={lastPassAt} now={now} isRelative />
        </span>
      )}
      <Fact name="Kind" value={kind} />
      <Fact name="Region" value={location} />
      <Fact name="Owner" value={owner} />
      <Fact name="Subscription" value={status.subscriptionName} />
      <code class="resource">{resourceId}</code>
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string | undefined }) {
  return (
    <span>
      {name} {value === undefined ? 'not known' : <b>{value}</b>}
    </span>
  );
}

function Actions(props: {
  status: AccountStatus;
  me: Me;
  begin: (name: ActionName) => void;
  group: RefObject<HTMLDivElement | null>;
}) {
  const { status, me, begin, group } = props;
  const primary = primaryActionFor(status);
  const names = actionsFor(status).toSorted((a, b) => Number(b === primary) - Number(a === primary));
  const allowed = names.filter((name) => me.roles.includes(ACTIONS[name].role));
  const missing = [...new Set(names.filter((name) => !allowed.includes(name)).map((name) => ACTIONS[name].role))];
  return (
    <div class="actions" role="group" aria-label="Actions" tabIndex={-1} ref={group}>
      {allowed.map((name) => (
        <button
          key={name}
          type="button"
          class={name === primary ? 'primary' : name === 'compromised' ? 'danger' : ''}
          onClick={() => begin(name)}
        >
          {ACTIONS[name].label}
        </button>
      ))}
      {missing.length === 0 ? null : <span class="muted">More with the role {missing.join(' or ')}.</span>}
    </div>
  );
}
