// The fleet: the number of accounts by standing, filters, and the list. Accounts that need an operator come first.
// It must not ask the API.

import { useMemo, useState } from 'preact/hooks';
import { ACCOUNT_PHASES } from '../../rotation/reasons.ts';
import { Mark, Sentence } from '../parts.tsx';
import type { AccountSummary, Campaign, ConfigurationProblem, Fleet } from '../types.ts';
import { spelledOut } from '../words.ts';
import { AccountList } from './account-list.tsx';
import {
  choicesOf,
  countsOf,
  type Filter,
  listOf,
  NO_FILTER,
  STANDINGS,
  type Standing,
  subscriptionOf,
} from './fleet.ts';

export function FleetView({ fleet }: { fleet: Fleet | undefined }) {
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const list = useMemo(() => listOf(fleet?.accounts ?? [], filter), [fleet, filter]);
  if (fleet === undefined) return <p class="muted">Asking for the accounts…</p>;
  const { accounts, isFrozen, problems, campaigns } = fleet;
  return (
    <>
      <h1 class="sr">Fleet</h1>
      {isFrozen ? (
        <div class="note warn">
          <strong>All rotations are frozen.</strong> Repair, roll back and compromised keys are not held.
        </div>
      ) : null}
      <Problems problems={problems} />
      <Campaigns campaigns={campaigns} />
      <Counts accounts={accounts} chosen={filter.standing} choose={(standing) => setFilter({ ...filter, standing })} />
      <Filters accounts={accounts} filter={filter} change={(part) => setFilter({ ...filter, ...part })} />
      <p class="found" role="status">
        {found(list.length, accounts.length)}
      </p>
      <AccountList accounts={list} />
      {accounts.length === 0 ? (
        <p class="muted">
          No account is configured: add one as <code>KeyRotation:Accounts:&lt;name&gt;</code> in App Configuration.
        </p>
      ) : null}
    </>
  );
}

function found(shown: number, all: number): string {
  const number = new Intl.NumberFormat();
  const noun = all === 1 ? 'account' : 'accounts';
  return shown === all ? `${number.format(all)} ${noun}` : `${number.format(shown)} of ${number.format(all)} ${noun}`;
}

function Counts(props: {
  accounts: readonly AccountSummary[];
  chosen: Standing | '';
  choose: (standing: Standing | '') => void;
}) {
  const { accounts, chosen, choose } = props;
  const counts = useMemo(() => countsOf(accounts), [accounts]);
  const number = new Intl.NumberFormat();
  return (
    <div class="counts" role="group" aria-label="Accounts by how they stand">
      {(Object.keys(STANDINGS) as Standing[]).map((standing) => {
        const [label, tone] = STANDINGS[standing];
        const count = counts.get(standing) ?? 0;
        const isChosen = chosen === standing;
        // These standings are rare: without accounts they are left out.
        if (count === 0 && !isChosen && (standing === 'held' || standing === 'notAdopted' || standing === 'failing'))
          return null;
        return (
          <button
            key={standing}
            type="button"
            class={`count ${count === 0 ? 'none' : tone}`}
            aria-pressed={isChosen}
            onClick={() => choose(isChosen ? '' : standing)}
          >
            <span class="number">{number.format(count)}</span>
            <span class="label">
              <Mark tone={tone} />
              {label}
            </span>
          </button>
        );
      })}
    </div>
  );
}

function Filters(props: {
  accounts: readonly AccountSummary[];
  filter: Filter;
  change: (part: Partial<Filter>) => void;
}) {
  const { accounts, filter, change } = props;
  const subscriptions = useMemo(() => choicesOf(accounts, subscriptionOf), [accounts]);
  const policies = useMemo(() => choicesOf(accounts, ({ policy }) => policy), [accounts]);
  const isFiltered = Object.values(filter).some((value) => value !== '');
  return (
    <div class="filters" role="search">
      <label class="search">
        <span class="sr">Search by name or resource id</span>
        <input
          type="search"
          placeholder="Search by name or resource id"
          value={filter.search}
          onInput={({ currentTarget }) => change({ search: currentTarget.value })}
        />
      </label>
      <Choice
        label="Subscription"
        all="All subscriptions"
        value={filter.subscription}
        values={subscriptions}
        change={(subscription) => change({ subscription })}
      />
      <Choice
        label="Phase"
        all="All phases"
        value={filter.phase}
        values={ACCOUNT_PHASES}
        change={(phase) => change({ phase })}
        show={spelledOut}
      />
      <Choice
        label="Policy"
        all="All policies"
        value={filter.policy}
        values={policies}
        change={(policy) => change({ policy })}
      />
      {isFiltered ? (
        <button type="button" class="link" onClick={() => change(NO_FILTER)}>
          Clear
        </button>
      ) : null}
    </div>
  );
}

function Choice(props: {
  label: string;
  all: string;
  value: string;
  values: readonly string[];
  change: (value: string) => void;
  show?: (value: string) => string;
}) {
  const { label, all, value, values, change, show = String } = props;
  return (
    <label>
      <span class="sr">{label}</span>
      <select value={value} onChange={({ currentTarget }) => change(currentTarget.value)}>
        <option value="">{all}</option>
        {values.map((entry) => (
          <option key={entry} value={entry}>
            {show(entry)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Problems({ problems }: { problems: readonly ConfigurationProblem[] }) {
  if (problems.length === 0) return null;
  return (
    <details class="note warn">
      <summary>
        <strong>Configuration problems: {problems.length}.</strong> Wrong entries are left out; the rest goes on.
      </summary>
      <ul>
        {problems.map(({ setting, expected, remedy }) => (
          <li key={`${setting} ${expected}`}>
            <code>{setting}</code>: <Sentence text={`${expected} ${remedy}`} now={Date.now()} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Campaigns({ campaigns }: { campaigns: readonly Campaign[] }) {
  if (campaigns.length === 0) return null;
  return (
    <section class="panel campaigns" aria-labelledby="campaigns-heading">
      <h2 id="campaigns-heading">Campaigns</h2>
      {campaigns.map(({ id, state, reason, by, rings, ...all }) => (
        <div class="campaign" key={id}>
          <p>
            <strong>{spelledOut(state)}:</strong> {reason} <span class="muted">by {by}</span>
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
        </div>
      ))}
    </section>
  );
}
