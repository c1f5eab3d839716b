// The campaigns under way: how far each ring is, what is in flight, what has failed, and the buttons that steer one.
// It must not advance a campaign: the timer of the service does.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Api, Failure } from '../api.ts';
import { useNow } from '../hooks.ts';
import { FailureNote, When } from '../parts.tsx';
import type { Campaign, Me } from '../types.ts';
import { callerText, plainReason, spelledOut } from '../words.ts';

type Control = 'pause' | 'resume' | 'abort';

/** What an operator may do in each state. */
const CONTROLS: Readonly<Record<Campaign['state'], readonly Control[]>> = {
  creating: ['abort'],
  running: ['pause', 'abort'],
  paused: ['resume', 'abort'],
  halted: ['resume', 'abort'],
  aborting: [],
  aborted: [],
  completed: [],
};

/** What stops or begins, in one sentence; rotations under way are never touched. */
function effectOf(control: Control, { inFlight, open, failed }: Campaign): string {
  const underWay = `Rotations under way (${inFlight}) go on to their end.`;
  switch (control) {
    case 'pause':
      return `No further account starts (${open} wait) until somebody resumes the campaign. ${underWay}`;
    case 'resume':
      return `Accounts start again (${open} wait). The failures so far (${failed}) no longer halt it; further ones do.`;
    case 'abort':
      return `No further account starts (${open} wait), and the campaign cannot be resumed. ${underWay}`;
  }
}

interface Props {
  readonly campaigns: readonly Campaign[];
  readonly api: Api;
  readonly me: Me;
  readonly refresh: () => void;
}

export function Campaigns({ campaigns, api, me, refresh }: Props) {
  const now = useNow();
  const [steering, setSteering] = useState<{ readonly campaign: Campaign; readonly control: Control }>();
  if (campaigns.length === 0) return null;
  const maySteer = me.roles.includes('Rotation.Operate');
  return (
    <section class="panel campaigns" aria-labelledby="campaigns-heading">
      <h2 id="campaigns-heading">Campaigns</h2>
      {campaigns.map((campaign) => {
        const { id, state, reason, by, changed, rings, failures = [], inFlight, ...all } = campaign;
        return (
          <div class="campaign" key={id}>
            <p>
              <strong>{spelledOut(state)}:</strong> {reason} <span class="muted">by {callerText(by)}</span>
            </p>
            <p class="muted">
              Since <When at={changed.at} now={now} isRelative />, {plainReason(changed.reason)} (
              {callerText(changed.by)}). In flight: {inFlight.toLocaleString()}.
            </p>
            {(rings ?? [{ ...all, name: 'all' }]).map(({ name, total, done, failed }) => (
              <div class="ring" key={name}>
                <span>{name}</span>
                <progress max={Math.max(1, total)} value={done} aria-label={`Ring ${name}`} />
                <span>
                  {done.toLocaleString()} of {total.toLocaleString()} done
                  {failed > 0 ? `, ${failed.toLocaleString()} failed` : ''}
                </span>
              </div>
            ))}
            {failures.length === 0 ? null : (
              <details>
                <summary>Failures: {campaign.failed.toLocaleString()}</summary>
                <ul>
                  {failures.map(({ account, ring, reason: why, at }) => (
                    <li key={account}>
                      <a href={`#/accounts/${account}`}>{account}</a> ({ring}): {plainReason(why)},{' '}
                      <When at={at} now={now} />
                    </li>
                  ))}
                </ul>
              </details>
            )}
            <div class="actions">
              {(maySteer ? CONTROLS[state] : []).map((control) => (
                <button
                  key={control}
                  type="button"
                  class={control === 'abort' ? 'danger' : ''}
                  onClick={() => setSteering({ campaign, control })}
                >
                  {spelledOut(control)} campaign
                </button>
              ))}
            </div>
          </div>
        );
      })}
      {steering === undefined ? null : (
        <SteerDialog {...steering} api={api} refresh={refresh} close={() => setSteering(undefined)} />
      )}
    </section>
  );
}

interface SteerProps {
  readonly campaign: Campaign;
  readonly control: Control;
  readonly api: Api;
  readonly refresh: () => void;
  readonly close: () => void;
}

function SteerDialog({ campaign, control, api, refresh, close }: SteerProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState('');
  const [isActing, setActing] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isActing || reason.trim() === '') return;
    setActing(true);
    const answer = await api.post(`campaigns/${campaign.id}/${control}`, { reason: reason.trim() });
    setActing(false);
    refresh();
    if (answer.ok) dialog.current?.close();
    else setFailure(answer.failure);
  };
  return (
    <dialog ref={dialog} aria-labelledby="steer-title" onClose={close}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="steer-title">
          {spelledOut(control)} campaign: {campaign.reason}
        </h2>
        <p class="loss">{effectOf(control, campaign)}</p>
        {failure === undefined ? null : <FailureNote failure={failure} />}
        <fieldset disabled={isActing}>
          <label for="steer-reason">Reason</label>
          <input
            id="steer-reason"
            type="text"
            required
            maxLength={500}
            autocomplete="off"
            value={reason}
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </fieldset>
        <div class="actions">
          <button
            type="submit"
            class={control === 'abort' ? 'danger' : 'primary'}
            disabled={isActing || reason.trim() === ''}
          >
            {spelledOut(control)} campaign
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}
