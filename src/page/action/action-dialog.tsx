// An action from the wish to its end: the reason, the consequences, the act itself, how far it got.
// It must not act before the reason is given and the consequences are shown.
// It must not act twice: a repeat carries the same key.
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Findings } from '../account/connectivity-check.tsx';
import type { Rotation } from '../account/rotations.ts';
import type { Api, Failure, Result } from '../api.ts';
import { Badge, FailureNote } from '../parts.tsx';
import type {
  AccountStatus,
  CheckPlan,
  CheckReport,
  DryRun,
  PauseAnswer,
  RequestAnswer,
  RequestStatus,
} from '../types.ts';
import { ACTIONS, type ActionName, callerText, spelledOut } from '../words.ts';
import { CheckPlanned, Rehearsal } from './consequences.tsx';
import { Progress } from './progress.tsx';
import { type CompromisedWish, type Draft, WishForm, wishLines } from './wish-form.tsx';

interface Props {
  readonly api: Api;
  readonly name: ActionName;
  readonly status: AccountStatus;
  readonly rotation: Rotation | undefined;
  /** Only of a withdrawal: the request. */
  readonly request?: RequestStatus | undefined;
  readonly refresh: () => void;
  readonly close: () => void;
}

type Stage =
  | { readonly state: 'asking' }
  | { readonly state: 'rehearsing' }
  | { readonly state: 'rehearsed'; readonly dryRun: DryRun }
  | { readonly state: 'planned'; readonly plan: CheckPlan }
  | { readonly state: 'acting' }
  | { readonly state: 'asked'; readonly request: RequestStatus }
  | { readonly state: 'checked'; readonly report: CheckReport }
  /** `isPassUnderWay`: a pause found a pass under way. */
  | { readonly state: 'done'; readonly isPassUnderWay: boolean };

const NO_DRAFT: Draft = {
  reason: '',
  compromised: 'published',
  overlap: '',
  accept: '',
  typed: '',
  searchVault: false,
};

export function ActionDialog(props: Props) {
  const { name, status, rotation, close, api } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [draft, setDraft] = useState<Draft>(NO_DRAFT);
  const { stage, failure, submit, back } = useAct(props, draft);
  const [seen, setSeen] = useState<Stage>();
  const see = useCallback(() => setSeen(stage), [stage]);
  const isSeen = stage.state !== 'rehearsed' || seen === stage;
  useEffect(() => dialog.current?.showModal(), []);
  const { title, hint } = ACTIONS[name];
  const isBusy = stage.state === 'rehearsing' || stage.state === 'acting';
  const isAsking = stage.state === 'asking' || stage.state === 'rehearsing';
  const isShown = stage.state === 'rehearsed' || stage.state === 'planned';
  const isForm = isAsking || isShown || stage.state === 'acting';
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) void submit();
        }}
      >
        <h2 id="dialog-title">
          {title}: {status.account}
        </h2>
        {isAsking ? (
          <>
            <p class="muted">{hint}</p>
            {props.request === undefined ? null : <p>{withdrawnText(props.request)}</p>}
            <WishForm name={name} status={status} draft={draft} change={setDraft} isFixed={isBusy} />
          </>
        ) : null}
        {isShown || stage.state === 'acting' ? <Wish name={name} draft={draft} request={props.request} /> : null}
        {failure === undefined ? null : <FailureNote failure={failure} />}
        {stage.state === 'rehearsed' ? <Rehearsal dryRun={stage.dryRun} keys={status.keys} seen={see} /> : null}
        {stage.state === 'planned' ? <CheckPlanned plan={stage.plan} /> : null}
        <div role="status">
          {stage.state === 'rehearsing' ? <p class="working">Rehearsing: nothing is changed…</p> : null}
          {stage.state === 'acting' ? <p class="working">Working…</p> : null}
          {stage.state === 'done' ? <p class="done">{doneText(stage.isPassUnderWay)}</p> : null}
        </div>
        {stage.state === 'asked' ? (
          <Progress api={api} asked={stage.request} status={status} rotation={rotation} />
        ) : null}
        {stage.state === 'checked' ? <Checked report={stage.report} /> : null}
        <div class="actions">
          {isForm ? (
            <SubmitButton name={name} stage={stage.state} draft={draft} alias={status.account} isSeen={isSeen} />
          ) : null}
          {isShown ? (
            <button type="button" onClick={back}>
              Change
            </button>
          ) : null}
          <button type="button" onClick={() => dialog.current?.close()}>
            {isForm ? 'Cancel' : 'Close'}
          </button>
          {isSeen ? null : <span class="hint">Read on first: scroll down.</span>}
        </div>
      </form>
    </dialog>
  );
}

function Checked({ report: { isHealthy, findings } }: { report: CheckReport }) {
  return (
    <>
      <p role="status">
        <Badge tone={isHealthy ? 'good' : 'bad'}>{isHealthy ? 'healthy' : 'not healthy'}</Badge>
      </p>
      <Findings findings={findings} now={Date.now()} />
    </>
  );
}

/** The wish, once it is fixed. */
function Wish({ name, draft, request }: { name: ActionName; draft: Draft; request: RequestStatus | undefined }) {
  return (
    <div class="wish">
      {request === undefined ? null : <p>{withdrawnText(request)}</p>}
      {wishLines(name, draft).map(([label, value]) => (
        <p key={label}>
          <span class="muted">{label}:</span> {value}
        </p>
      ))}
    </div>
  );
}

function SubmitButton(props: {
  name: ActionName;
  stage: Stage['state'];
  draft: Draft;
  alias: string;
  /** Everything was on screen that stops working, and who is affected. */
  isSeen: boolean;
}) {
  const { name, stage, draft, alias, isSeen } = props;
  const isAsking = stage === 'asking' || stage === 'rehearsing';
  const isTyped = name !== 'compromised' || draft.typed === alias;
  const isReady = (name === 'check' || draft.reason.trim() !== '') && isTyped;
  const isBusy = stage === 'rehearsing' || stage === 'acting';
  return (
    <button
      type="submit"
      class={name === 'compromised' && !isAsking ? 'danger' : 'primary'}
      disabled={!isReady || isBusy || !isSeen}
    >
      {isAsking ? 'Show what will happen' : ACTIONS[name].title}
    </button>
  );
}

/** Each new wish has a new key. A repeat after a lost answer has the same key. */
function useAct({ api, name, status, refresh, request }: Props, draft: Draft) {
  const [stage, setStage] = useState<Stage>({ state: 'asking' });
  const [failure, setFailure] = useState<Failure>();
  const wish = JSON.stringify([name, draft]);
  const key = useMemo(() => crypto.randomUUID(), [wish]);
  const path = `accounts/${status.account}/`;
  const verb = verbOf(name, request);
  const settle = <T,>(answer: Result<T>, otherwise: Stage, next: (value: T) => Stage): void => {
    setFailure(answer.ok ? undefined : answer.failure);
    setStage(answer.ok ? next(answer.value) : otherwise);
    refresh();
  };
  const rehearse = async () => {
    setStage({ state: 'rehearsing' });
    const body = { ...bodyOf(name, draft), dryRun: true };
    if (name === 'check') {
      const answer = await api.post<CheckPlan>(`${path}check`, body);
      settle(answer, { state: 'asking' }, (plan) => ({ state: 'planned', plan }));
    } else {
      const answer = await api.post<DryRun>(`${path}${verb}`, body);
      settle(answer, { state: 'asking' }, (dryRun) => ({ state: 'rehearsed', dryRun }));
    }
  };
  const act = async () => {
    const before = stage;
    setStage({ state: 'acting' });
    // So that the operator can watch the service at work.
    refresh();
    if (name === 'check') {
      const answer = await api.post<CheckReport>(`${path}check`, bodyOf(name, draft), {}, [503]);
      settle(answer, before, (report) => ({ state: 'checked', report }));
    } else if (name === 'pause' || name === 'resume') {
      const answer = await api.post<PauseAnswer>(`${path}${name}`, bodyOf(name, draft));
      settle(answer, before, ({ isPassUnderWay }) => ({
        state: 'done',
        isPassUnderWay: name === 'pause' && isPassUnderWay,
      }));
    } else {
      const headers = { 'Idempotency-Key': key };
      const answer = await api.post<RequestAnswer>(`${path}${verb}`, bodyOf(name, draft), headers);
      settle(answer, before, ({ request }) => ({ state: 'asked', request }));
    }
  };
  const back = () => {
    setFailure(undefined);
    setStage({ state: 'asking' });
  };
  return { stage, failure, back, submit: stage.state === 'asking' ? rehearse : act };
}

function doneText(isPassUnderWay: boolean): string {
  if (!isPassUnderWay) return 'Done.';
  return 'Done. A pass is under way: an effect that it has begun may still end; it begins no other.';
}

function verbOf(name: ActionName, request: RequestStatus | undefined): string {
  if (request !== undefined) return `requests/${request.id}/withdraw`;
  return name === 'compromised' ? 'rotate' : name;
}

function withdrawnText({ kind, by, reason }: RequestStatus): string {
  return `${spelledOut(kind)}, asked for by ${callerText(by)}: ${reason}`;
}

function bodyOf(name: ActionName, { reason, compromised, overlap, accept, searchVault }: Draft): object {
  const why = reason.trim() === '' ? {} : { reason: reason.trim() };
  if (name === 'check') return { ...why, searchVault };
  if (name !== 'compromised') return why;
  const wish: CompromisedWish = {
    compromised,
    ...(overlap === '' ? {} : { overlap }),
    ...(accept === '' ? {} : { accept }),
  };
  return { ...why, ...wish };
}
