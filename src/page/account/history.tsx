// What happened to the account, newest first. It must not ask the API.
import { useState } from 'preact/hooks';
import { Fingerprint, When } from '../parts.tsx';
import type { HistoryLine } from '../types.ts';
import { FINGERPRINT_LABELS, historyKind, historyWords } from '../words.ts';

const FIRST_LINES = 20;

export function History({ history, now }: { history: readonly HistoryLine[]; now: number }) {
  const [isWhole, setWhole] = useState(false);
  if (history.length === 0) return null;
  const shown = isWhole ? history : history.slice(0, FIRST_LINES);
  return (
    <section class="panel" aria-labelledby="history-heading">
      <h2 id="history-heading">History</h2>
      <ol class="history">
        {shown.map((line) => (
          <li
            key={`${line.at} ${line.kind} ${line.rotationId} ${line.slot ?? ''} ${line.fingerprint ?? ''} ${line.reason ?? ''}`}
          >
            <span class="when">
              <When at={line.at} now={now} />
            </span>
            <span class="what">
              <b>{historyKind(line.kind)}</b> {line.slot} <span class="muted">{historyWords(line)}</span>
            </span>
            <span class="which">
              {line.fingerprint === undefined ? null : (
                <>
                  <span class="muted">{FINGERPRINT_LABELS[line.kind]} </span>
                  <Fingerprint value={line.fingerprint} />
                </>
              )}
              <span class="muted"> № {line.rotationId}</span>
            </span>
          </li>
        ))}
      </ol>
      {history.length > shown.length ? (
        <button type="button" class="link" onClick={() => setWhole(true)}>
          Show {history.length - shown.length} more
        </button>
      ) : null}
    </section>
  );
}
