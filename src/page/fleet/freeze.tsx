// The freeze of all rotations: seen at the top, with the person and the reason, and the dialog that sets or ends it.
// It must not act before a reason is given and the consequences were shown.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Api, Failure } from '../api.ts';
import { useNow } from '../hooks.ts';
import { FailureNote, RunbookLink, When } from '../parts.tsx';
import type { Freeze, FreezeChange, FreezePlan, Me } from '../types.ts';
import { authorText, effectLines, FIRST_WORDS, unchangedText } from './freeze-words.ts';

interface Props {
  readonly isFrozen: boolean;
  readonly api: Api;
  readonly me: Me;
  readonly refresh: () => void;
}

type Verb = 'freeze' | 'unfreeze';
const TITLES: Readonly<Record<Verb, string>> = { freeze: 'Freeze all rotations', unfreeze: 'End the freeze' };

export function FreezeLine({ isFrozen, api, me, refresh }: Props) {
  const [known, setKnown] = useState<Freeze>();
  const [verb, setVerb] = useState<Verb>();
  // Asked for once when it begins, not with every poll: who has set it stays the same.
  useEffect(() => {
    setKnown(undefined);
    if (!isFrozen) return;
    void api.get<Freeze>('freeze').then((answer) => {
      if (answer.ok) setKnown(answer.value);
    });
  }, [isFrozen]);
  const open: Verb = isFrozen ? 'unfreeze' : 'freeze';
  const button = me.roles.includes('Rotation.Operate') ? (
    <button type="button" onClick={() => setVerb(open)}>
      {TITLES[open]}
    </button>
  ) : null;
  return (
    <>
      {isFrozen ? (
        <div class="note warn freeze">
          <p>
            <strong>
              {known === undefined ? 'The freeze is set.' : <Author what="The freeze was set" freeze={known} />}
            </strong>
          </p>
          <p>Repair, roll back and compromised keys are not held.</p>
          <div class="actions">
            {button} <RunbookLink heading="Stop an account or all accounts" />
          </div>
        </div>
      ) : (
        <div class="freeze actions">
          <span class="muted">No freeze is set.</span> {button}
        </div>
      )}
      {verb === undefined ? null : (
        <FreezeDialog verb={verb} api={api} refresh={refresh} close={() => setVerb(undefined)} />
      )}
    </>
  );
}

function Author({ what, freeze }: { what: string; freeze: Freeze }) {
  const now = useNow();
  const at = freeze.changed?.at ?? freeze.changedAt;
  return (
    <>
      {what} {at === undefined ? null : <When at={at} now={now} isRelative />} {authorText(freeze)}
    </>
  );
}

type Stage =
  | { readonly state: 'asking' }
  | { readonly state: 'shown'; readonly plan: FreezePlan }
  | { readonly state: 'unchanged'; readonly freeze: Freeze };

interface DialogProps extends Pick<Props, 'api' | 'refresh'> {
  readonly verb: Verb;
  readonly close: () => void;
}

function FreezeDialog({ verb, api, refresh, close }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState('');
  const [stage, setStage] = useState<Stage>({ state: 'asking' });
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  useEffect(() => dialog.current?.showModal(), []);
  const rehearse = async () => {
    const answer = await api.post<FreezePlan>(verb, { reason: reason.trim(), dryRun: true });
    setFailure(answer.ok ? undefined : answer.failure);
    if (answer.ok) setStage({ state: 'shown', plan: answer.value });
  };
  const act = async () => {
    const answer = await api.post<FreezeChange>(verb, { reason: reason.trim() });
    setFailure(answer.ok ? undefined : answer.failure);
    refresh();
    if (!answer.ok) return;
    if (answer.value.isChanged) dialog.current?.close();
    else setStage({ state: 'unchanged', freeze: answer.value });
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy || reason.trim() === '' || stage.state === 'unchanged') return;
    setBusy(true);
    await (stage.state === 'asking' ? rehearse() : act());
    setBusy(false);
  };
  const isAsking = stage.state === 'asking';
  return (
    <dialog ref={dialog} aria-labelledby="freeze-title" onClose={close}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="freeze-title">{TITLES[verb]}</h2>
        {isAsking ? (
          <>
            <p class="loss">{FIRST_WORDS[verb]}</p>
            <Reason value={reason} change={setReason} isFixed={isBusy} />
          </>
        ) : null}
        {failure === undefined ? null : <FailureNote failure={failure} />}
        {stage.state === 'shown' ? <Planned plan={stage.plan} reason={reason} /> : null}
        {stage.state === 'unchanged' ? (
          <p role="status">
            <strong>{unchangedText(stage.freeze)}</strong>{' '}
            {stage.freeze.isFrozen ? <Author what="It was set" freeze={stage.freeze} /> : null}
          </p>
        ) : null}
        <div class="actions">
          {stage.state === 'unchanged' ? null : (
            <button type="submit" class="primary" disabled={isBusy || reason.trim() === ''}>
              {isAsking ? 'Show what will happen' : TITLES[verb]}
            </button>
          )}
          <button type="button" onClick={() => dialog.current?.close()}>
            {stage.state === 'unchanged' ? 'Close' : 'Cancel'}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function Reason(props: { value: string; change: (reason: string) => void; isFixed: boolean }) {
  const { value, change, isFixed } = props;
  return (
    <fieldset disabled={isFixed}>
      <label for="freeze-reason">Reason</label>
      <input
        id="freeze-reason"
        type="text"
        required
        maxLength={500}
        autocomplete="off"
        aria-describedby="freeze-hint"
        value={value}
        onInput={({ currentTarget }) => change(currentTarget.value)}
      />
      <p class="hint" id="freeze-hint">
        Shown to everyone who sees this page, as it is; never paste a key.
      </p>
    </fieldset>
  );
}

/** Takes the focus, so that a screen reader reads out at once what will happen. */
function Planned({ plan, reason }: { plan: FreezePlan; reason: string }) {
  const shown = useRef<HTMLDivElement>(null);
  useEffect(() => shown.current?.focus(), []);
  const [first, ...rest] = effectLines(plan);
  const named = [...new Set([...plan.underWay.accounts, ...plan.due.accounts])];
  const more = plan.underWay.count + plan.due.count - plan.underWay.accounts.length - plan.due.accounts.length;
  return (
    <>
      <p class="wish">
        <span>
          <span class="muted">Reason:</span> {reason.trim()}
        </span>
      </p>
      <div class="consequences" tabIndex={-1} ref={shown}>
        <h3>What will happen</h3>
        <p class="loss">{first}</p>
        {plan.present.isFrozen ? (
          <p>
            <Author what="The freeze was set" freeze={plan.present} />
          </p>
        ) : null}
        {rest.map((line) => (
          <p key={line}>{line}</p>
        ))}
        {named.length === 0 ? null : (
          <details>
            <summary>Which accounts</summary>
            <p>
              {named.join(', ')}
              {more > 0 ? `, and ${more.toLocaleString()} more` : ''}
            </p>
          </details>
        )}
      </div>
    </>
  );
}
