// The frame: the viewer, the connection to the service, and the view that is shown. The fleet is polled here, so that
// it is shown at once when the viewer goes back to it. It must not know how a view looks.
import { useEffect, useRef, useState } from 'preact/hooks';
import { AccountView } from './account/account-view.tsx';
import { AliveLine } from './alive/alive.tsx';
import type { Api, Failure, Result } from './api.ts';
import { askFleet, fleetPauseMs } from './fleet/ask-fleet.ts';
import { FleetView } from './fleet/fleet-view.tsx';
import { usePoll, useRoute } from './hooks.ts';
import { Badge, FailureNote, RunbookUrl } from './parts.tsx';
import { KeyForm, SignIn } from './sign-in.tsx';
import type { Fleet, Me } from './types.ts';

type Session =
  | { readonly state: 'asking' }
  | { readonly state: 'signIn' }
  | { readonly state: 'failed'; readonly failure: Failure }
  | { readonly state: 'known'; readonly me: Me };

export function App({ api }: { api: Api }) {
  const [session, setSession] = useState<Session>({ state: 'asking' });
  usePoll<Result<Me>>(
    {
      ask: () =>
        session.state === 'known' ? Promise.resolve({ ok: true, value: session.me, status: 200 }) : api.get('me'),
      onAnswer: (answer) => setSession((former) => (former.state === 'known' ? former : sessionOf(answer))),
      isGood: ({ ok }) => ok,
      pauseMs: () => 3_600_000,
    },
    [],
  );
  return (
    <>
      <a class="skip" href="#content" onClick={skipToContent}>
        Skip to content
      </a>
      <Content api={api} session={session} />
    </>
  );
}

/** Without a change of the address, whose hash selects the view. */
function skipToContent(event: Event): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

function sessionOf(answer: Result<Me>): Session {
  if (answer.ok) return { state: 'known', me: answer.value };
  return answer.failure.kind === 'signIn' ? { state: 'signIn' } : { state: 'failed', failure: answer.failure };
}

function Content({ api, session }: { api: Api; session: Session }) {
  switch (session.state) {
    case 'known':
      return (
        <RunbookUrl.Provider value={session.me.runbookUrl}>
          <Signed api={api} me={session.me} />
        </RunbookUrl.Provider>
      );
    case 'signIn':
      return (
        <Frame>
          <SignIn />
        </Frame>
      );
    case 'failed':
      return (
        <Frame>
          <FailureNote failure={session.failure} />
        </Frame>
      );
    case 'asking':
      return (
        <Frame>
          <p class="muted">Asking who you are…</p>
        </Frame>
      );
  }
}

function Frame({ me, children }: { me?: Me; children: preact.ComponentChildren }) {
  return (
    <>
      <header class="top">
        <a class="brand" href="#/">
          <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d="M20 12a8 8 0 0 1-14.500 4.600M4 12A8 8 0 0 1 18.500 7.400M18.800 3.200v4.400h-4.400M5.200 20.800v-4.400h4.400" />
          </svg>
          Key rotation
        </a>
        {me === undefined ? null : <WhoAmI me={me} />}
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function WhoAmI({ me }: { me: Me }) {
  if (me.isLocal) return <Badge tone="quiet">Local mode, no sign-in</Badge>;
  if (me.authorization === 'functionKey') return <Badge tone="quiet">Function key</Badge>;
  return (
    <span class="who">
      {me.name} <a href="/.auth/logout?post_logout_redirect_uri=/api/page">Sign out</a>
    </span>
  );
}

interface Seen {
  readonly fleet: Fleet | undefined;
  readonly failure: Failure | undefined;
}

function Signed({ api, me }: { api: Api; me: Me }) {
  const alias = useRoute();
  const [{ fleet, failure }, setSeen] = useState<Seen>({ fleet: undefined, failure: undefined });
  const [asked, setAsked] = useState(0);
  const [updated, setUpdated] = useState<{ readonly view: string; readonly at: number }>();
  const view = alias ?? '';
  const poll = usePoll<Result<Fleet>>(
    {
      ask: () => askFleet(api),
      onAnswer: (answer) => {
        setSeen((former) =>
          answer.ok ? { fleet: answer.value, failure: undefined } : { ...former, failure: answer.failure },
        );
        if (answer.ok && alias === undefined) setUpdated({ view: '', at: Date.now() });
      },
      isGood: ({ ok }) => ok,
      pauseMs: (took) => fleetPauseMs(took, alias === undefined),
    },
    [],
  );
  // The fleet is polled slowly while an account is shown. When the fleet is shown again, it is asked for at once.
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current && alias === undefined) poll.now();
    isFirst.current = false;
  }, [alias]);
  const refresh = () => {
    poll.now();
    setAsked((count) => count + 1);
  };
  if (failure?.kind === 'signIn') {
    return <Frame me={me}>{askAgain(api, me, fleet !== undefined, poll.now)}</Frame>;
  }
  return (
    <Frame me={me}>
      <AliveLine api={api} updatedAt={updated?.view === view ? updated.at : undefined} asked={asked} />
      {failure?.kind === 'problem' ? <FailureNote failure={failure} /> : null}
      {alias === undefined ? (
        <FleetView fleet={fleet} api={api} me={me} refresh={refresh} />
      ) : (
        <AccountView
          key={alias}
          api={api}
          me={me}
          alias={alias}
          isFrozen={fleet?.isFrozen === true}
          heard={() => setUpdated({ view: alias, at: Date.now() })}
        />
      )}
    </Frame>
  );
}

function askAgain(api: Api, me: Me, wasIn: boolean, retry: () => void) {
  if (me.authorization === 'entra') return <SignIn />;
  const enter = (key: string) => {
    api.useKey(key);
    retry();
  };
  return <KeyForm wasIn={wasIn} enter={enter} />;
}
