// How an account stands: what is wrong and what to do about it, a pause, a move, a freeze, or what it waits for.
// It must not act.
import { RunbookLink, Sentence, When } from '../parts.tsx';
import type { AccountStatus } from '../types.ts';
import { callerText, reasonText, remedyOf } from '../words.ts';

export function Standing({ status, isFrozen, now }: { status: AccountStatus; isFrozen: boolean; now: number }) {
  const { reason, isBlocked, isOverdue, failures, pause, window, movesFrom } = status;
  return (
    <>
      <Trouble status={status} now={now} />
      {pause === undefined ? null : (
        <div class="note quiet">
          <strong>Paused</strong> by {callerText(pause.by)} at <When at={pause.at} now={now} />: {pause.reason}
        </div>
      )}
      {movesFrom === undefined ? null : (
        <div class="note quiet">
          <strong>It moves.</strong> The secret {movesFrom.secretName} in {movesFrom.vaultUrl} also holds the published
          key,{' '}
          {movesFrom.until === undefined ? (
            'until the new secret is announced and the longest overlap is over.'
          ) : (
            <>
              at least until <When at={movesFrom.until} now={now} />.
            </>
          )}{' '}
          Move its readers.
        </div>
      )}
      {isFrozen ? (
        <div class="note warn">
          <strong>All rotations are frozen.</strong> <a href="#/">The fleet</a> shows by whom and why.
        </div>
      ) : null}
      {!isBlocked && !isOverdue && failures === 0 && pause === undefined && reason !== undefined ? (
        <p class="reason">
          {reasonText(reason)}
          {window?.opensAt === undefined ? null : (
            <>
              {' '}
              The next window opens at <When at={window.opensAt} now={now} />.
            </>
          )}
        </p>
      ) : null}
    </>
  );
}

function Trouble({ status, now }: { status: AccountStatus; now: number }) {
  const { reason, isBlocked, isOverdue, failures, detail } = status;
  return (
    <>
      {isBlocked && reason !== undefined ? (
        <div class="note bad">
          <p>
            <strong>Blocked: {reason}.</strong> {reasonText(reason)} <Sentence text={detail ?? ''} now={now} />
          </p>
          <p>
            <b>What to do:</b> {remedyOf(reason)} <RunbookLink heading={reason} />
          </p>
        </div>
      ) : null}
      {isOverdue ? (
        <div class="note bad">
          <p>
            <strong>Overdue.</strong> The rotation should be over. {reason === undefined ? '' : reasonText(reason)}
          </p>
          {isBlocked ? null : (
            <p>
              <b>What to do:</b> Run a check: it names what fails. <RunbookLink heading="Rotation overdue" />
            </p>
          )}
        </div>
      ) : null}
      {failures > 0 ? (
        <div class="note warn">
          <p>
            <strong>Passes that have failed in a row: {failures}.</strong>{' '}
            {reason === undefined ? '' : reasonText(reason)} <Sentence text={detail ?? ''} now={now} />
          </p>
          <p>
            <b>What to do:</b> Run a check: it names the call that fails. <RunbookLink heading="Account failing" />
          </p>
        </div>
      ) : null}
    </>
  );
}
