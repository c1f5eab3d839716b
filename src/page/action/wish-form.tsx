// The form of an action: the reason; for a compromised key also the slot, how long the key may stay valid, the risk
// that is accepted so that it is replaced sooner, and the account's name.
// It must not send anything.

import type { AccountStatus } from '../types.ts';
import type { ActionName } from '../words.ts';
import { ACCEPTABLE } from './request-words.ts';

export interface CompromisedWish {
  readonly compromised: string;
  readonly overlap?: string;
  readonly accept?: string;
}

export interface Draft {
  readonly reason: string;
  readonly compromised: string;
  /** ISO 8601; empty: none. */
  readonly overlap: string;
  /** Empty: nothing. */
  readonly accept: string;
  readonly typed: string;
  readonly searchVault: boolean;
}

interface Props {
  readonly name: ActionName;
  readonly status: AccountStatus;
  readonly draft: Draft;
  readonly change: (draft: Draft) => void;
  readonly isFixed: boolean;
}

const OVERLAPS = [
  ['', 'none: it is replaced now'],
  ['PT10M', '10 minutes'],
  ['PT1H', '1 hour'],
  ['P1D', '1 day'],
] as const;

export function WishForm(props: Props) {
  const { name, draft, change, isFixed } = props;
  const isOptional = name === 'check';
  return (
    <fieldset disabled={isFixed}>
      {name === 'compromised' ? <Compromised {...props} /> : null}
      <label for="reason">Reason{isOptional ? <span class="muted"> (optional)</span> : null}</label>
      <input
        id="reason"
        type="text"
        required={!isOptional}
        maxLength={500}
        autocomplete="off"
        aria-describedby="reason-hint"
        value={draft.reason}
        onInput={({ currentTarget }) => change({ ...draft, reason: currentTarget.value })}
      />
      <p class="hint" id="reason-hint">
        {name === 'check' ? 'Shown with the result' : 'Goes to the history'} as it is; never paste a key.
      </p>
      {name === 'check' ? <SearchVault {...props} /> : null}
    </fieldset>
  );
}

/** The wish in words, for a form that is closed. */
export function wishLines(name: ActionName, draft: Draft): readonly (readonly [label: string, value: string])[] {
  const { reason, compromised, overlap, accept, searchVault } = draft;
  const why = reason.trim() === '' ? [] : [['Reason', reason.trim()] as const];
  if (name === 'check')
    return searchVault ? [...why, ['Also', 'look for the keys in the other secrets of the vault']] : why;
  if (name !== 'compromised') return why;
  const [, valid = ''] = OVERLAPS.find(([value]) => value === overlap) ?? [];
  const risk = ACCEPTABLE.find(({ value }) => value === accept);
  return [
    ['Leaked key', compromised === 'published' ? 'the published one' : compromised],
    ['Stays valid', valid],
    ['Accepted', risk === undefined ? '' : `${risk.label} ${risk.consequence}`],
    ...why,
  ];
}

function SearchVault({ draft, change }: Props) {
  return (
    <label class="tick">
      <input
        type="checkbox"
        checked={draft.searchVault}
        onChange={({ currentTarget }) => change({ ...draft, searchVault: currentTarget.checked })}
      />
      Also look for the keys in the other secrets of the vault
    </label>
  );
}

function Compromised({ status, draft, change }: Props) {
  return (
    <>
      <label for="compromised">Which key has leaked?</label>
      <select
        id="compromised"
        value={draft.compromised}
        onChange={({ currentTarget }) => change({ ...draft, compromised: currentTarget.value })}
      >
        <option value="published">the published one, whichever slot it is in</option>
        {status.keys.map(({ slot, role, fingerprint }) => (
          <option key={slot} value={slot}>
            {slot}, {role}
            {fingerprint === undefined ? '' : `, fingerprint ${fingerprint}`}
          </option>
        ))}
      </select>
      <label for="overlap">How long may it stay valid?</label>
      <select
        id="overlap"
        value={draft.overlap}
        onChange={({ currentTarget }) => change({ ...draft, overlap: currentTarget.value })}
      >
        {OVERLAPS.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <fieldset class="choices">
        <legend>What do you accept so that it is replaced sooner?</legend>
        {ACCEPTABLE.map(({ value, label, consequence, isGrave }) => (
          <label key={value} class={isGrave ? 'grave' : ''}>
            <input
              type="radio"
              name="accept"
              value={value}
              checked={draft.accept === value}
              onChange={() => change({ ...draft, accept: value })}
            />
            <span>
              <b>{label}</b> {consequence}
            </span>
          </label>
        ))}
      </fieldset>
      <label for="typed">
        Type <code>{status.account}</code> to confirm
      </label>
      <input
        id="typed"
        type="text"
        required
        autocomplete="off"
        spellcheck={false}
        value={draft.typed}
        onInput={({ currentTarget }) => change({ ...draft, typed: currentTarget.value })}
      />
    </>
  );
}
