// An action from the wish to its end: why, what will happen and to whom, the act itself, how far it got.
// It must not act before the reason is given and the consequences are shown, and never twice: a repeat carries the same key.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Api, Failure, Result } from './api.ts';
import { Findings } from './connectivity-check.tsx';
import { Consequences, Rehearsal } from './consequences.tsx';
import { FailureNote } from './parts.tsx';
import { Progress } from './progress.tsx';
import type { Rotation } from './rotations.ts';
import type { AccountStatus, CheckReport, DryRun, RequestStatus } from './types.ts';
import { type CompromisedWish, type Draft, WishForm } from './wish-form.tsx';
import { ACTIONS, type ActionName } from './words.ts';

interface Props {
  readonly api: Api;
  readonly name: ActionName;
  readonly status: AccountStatus;
  readonly rotation: Rotation | undefined;
  readonly refresh: () => void;
  readonly tellChecked: (report: CheckReport) => void;
  readonly close: () => void;
}

type Stage =
  | { readonly state: 'asking' }
  | { readonly state: 'rehearsing' }
  | { readonly state: 'rehearsed'; readonly dryRun: DryRun }
  | { readonly state: 'acting' }
  | { readonly state: 'asked'; readonly request: RequestStatus }
  | { readonly state: 'checked'; readonly report: CheckReport }
  | { readonly state: 'done' };

const NO_DRAFT: Draft = { reason: '', compromised: 'published', overlap: '', typed: '', searchVault: false };

export function ActionDialog(props: Props) {
  const { name, status, rotation, close, api } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [draft, setDraft] = useState<Draft>(NO_DRAFT);
  const { stage, failure, submit, back } = useAct(props, draft);
  useEffect(() => dialog.current?.showModal(), []);
  const { title, isRehearsed } = ACTIONS[name];
  const isBusy = stage.state === 'rehearsing' || stage.state === 'acting';
  const isAsking = stage.state === 'asking' || stage.state === 'rehearsing';
  // The form is there until something has been asked for: its fields are what was meant.
  const isForm = isAsking || stage.state === 'rehearsed' || stage.state === 'acting';
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
        {isForm ? (
          <>
            <WishForm name={name} status={status} draft={draft} change={setDraft} isFixed={!isAsking || isBusy} />
            {isRehearsed ? null : <Consequences name={name} status={status} />}
          </>
        ) : null}
        {stage.state === 'rehearsed' ? <Rehearsal dryRun={stage.dryRun} /> : null}
        <div role="status">
          {stage.state === 'rehearsing' ? <p class="working">Rehearsing: nothing is changed…</p> : null}
          {stage.state === 'acting' ? <p class="working">Working…</p> : null}
          {stage.state === 'done' ? <p class="done">Done.</p> : null}
        </div>
        {stage.state === 'asked' ? (
          <Progress api={api} asked={stage.request} status={status} rotation={rotation} />
        ) : null}
        {stage.state === 'checked' ? <Findings findings={stage.report.findings} /> : null}
        {failure === undefined ? null : <FailureNote failure={failure} />}
        <div class="actions">
          {isForm ? <SubmitButton name={name} stage={stage.state} draft={draft} alias={status.account} /> : null}
          {stage.state === 'rehearsed' ? (
            <button type="button" onClick={back}>
              Change
            </button>
          ) : null}
          <button type="button" onClick={() => dialog.current?.close()}>
            {isForm ? 'Cancel' : 'Close'}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function SubmitButton(props: { name: ActionName; stage: Stage['state']; draft: Draft; alias: string }) {
  const { name, stage, draft, alias } = props;
  const { isRehearsed, title } = ACTIONS[name];
  const isShown = stage === 'asking' || stage === 'rehearsing';
  const isTyped = name !== 'compromised' || draft.typed === alias;
  const isReady = (name === 'check' || draft.reason.trim() !== '') && isTyped;
  const isBusy = stage === 'rehearsing' || stage === 'acting';
  return (
    <button
      type="submit"
      class={name === 'compromised' && !isShown ? 'danger' : 'primary'}
      disabled={!isReady || isBusy}
    >
      {isRehearsed && isShown ? 'Show what will happen' : title}
    </button>
  );
}

/** Each wish of its own has a key of its own; a repeat after a lost answer has the same. */
function useAct({ api, name, status, refresh, tellChecked }: Props, draft: Draft) {
  const [stage, setStage] = useState<Stage>({ state: 'asking' });
  const [failure, setFailure] = useState<Failure>();
  const wish = JSON.stringify([name, draft]);
  const key = useMemo(() => crypto.randomUUID(), [wish]);
  const path = `accounts/${status.account}/`;
  const settle = <T,>(answer: Result<T>, otherwise: Stage, next: (value: T) => Stage): void => {
    setFailure(answer.ok ? undefined : answer.failure);
    setStage(answer.ok ? next(answer.value) : otherwise);
    refresh();
  };
  const rehearse = async () => {
    setStage({ state: 'rehearsing' });
    const answer = await api.post<DryRun>(`${path}rotate`, { ...bodyOf(name, draft), dryRun: true });
    settle(answer, { state: 'asking' }, (dryRun) => ({ state: 'rehearsed', dryRun }));
  };
  const act = async () => {
    const before = stage;
    setStage({ state: 'acting' });
    // What the service does can be watched while it does it.
    refresh();
    if (name === 'check') {
      const answer = await api.post<CheckReport>(`${path}check`, { searchVault: draft.searchVault }, {}, [503]);
      if (answer.ok) tellChecked(answer.value);
      settle(answer, before, (report) => ({ state: 'checked', report }));
    } else if (name === 'pause' || name === 'resume') {
      settle(await api.post(`${path}${name}`, bodyOf(name, draft)), before, () => ({ state: 'done' }));
    } else {
      const verb = name === 'compromised' ? 'rotate' : name;
      const headers = { 'Idempotency-Key': key };
      const answer = await api.post<{ request: RequestStatus }>(`${path}${verb}`, bodyOf(name, draft), headers);
      settle(answer, before, ({ request }) => ({ state: 'asked', request }));
    }
  };
  const isRehearsing = ACTIONS[name].isRehearsed && stage.state === 'asking';
  const back = () => {
    setFailure(undefined);
    setStage({ state: 'asking' });
  };
  return { stage, failure, back, submit: isRehearsing ? rehearse : act };
}

function bodyOf(name: ActionName, { reason, compromised, overlap }: Draft): object {
  const why = { reason: reason.trim() };
  if (name !== 'compromised') return why;
  const wish: CompromisedWish = { compromised, ...(overlap === '' ? {} : { overlap }) };
  return { ...why, ...wish };
}
