// The fleet: the number of accounts by standing, filters, and the list. Accounts that need an operator come first.
// It must not ask the API.

import { useMemo, useState } from 'preact/hooks';
import type { Api } from '../api.ts';
import { Mark, Sentence } from '../parts.tsx';
import type { AccountSummary, ConfigurationProblem, Fleet, Me } from '../types.ts';
import { AccountList } from './account-list.tsx';
import { csvOf, GROUPING_LABELS, type Grouping, linesOf, SORT_LABELS, type Sort } from './arrange.ts';
import { Campaigns } from './campaigns.tsx';
import { Filters } from './filters.tsx';
import { countsOf, type Filter, matchingOf, NO_FILTER, STANDINGS, type Standing } from './fleet.ts';
import { FreezeLine } from './freeze.tsx';

interface FleetViewProps {
  readonly fleet: Fleet | undefined;
  readonly api: Api;
  readonly me: Me;
  readonly refresh: () => void;
}

export function FleetView({ fleet, api, me, refresh }: FleetViewProps) {
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const [sort, setSort] = useState<Sort>('need');
  const [grouping, setGrouping] = useState<Grouping>('none');
  const matching = useMemo(() => matchingOf(fleet?.accounts ?? [], filter), [fleet, filter]);
  const lines = useMemo(() => linesOf(matching, sort, grouping), [matching, sort, grouping]);
  if (fleet === undefined) return <p class="muted">Asking for the accounts…</p>;
  const { accounts, isFrozen, problems, campaigns } = fleet;
  return (
    <>
      <h1 class="sr">Fleet</h1>
      <FreezeLine isFrozen={isFrozen} api={api} me={me} refresh={refresh} />
      <Problems problems={problems} />
      <Campaigns campaigns={campaigns} api={api} me={me} refresh={refresh} />
      <Counts accounts={accounts} chosen={filter.standing} choose={(standing) => setFilter({ ...filter, standing })} />
      <Filters accounts={accounts} filter={filter} change={(part) => setFilter({ ...filter, ...part })} />
      <div class="arrange">
        <p class="found" role="status">
          {found(matching.length, accounts.length)}
        </p>
        <Arrange label="Sort" value={sort} labels={SORT_LABELS} change={setSort} />
        <Arrange label="Group" value={grouping} labels={GROUPING_LABELS} change={setGrouping} />
        <button type="button" class="link" disabled={matching.length === 0} onClick={() => save(csvOf(matching))}>
          Export as CSV
        </button>
      </div>
      <AccountList lines={lines} />
      {accounts.length === 0 ? (
        <p class="muted">
          No account is configured: add one as <code>KeyRotation:Accounts:&lt;name&gt;</code> in App Configuration.
        </p>
      ) : null}
    </>
  );
}

/** As a file of the viewer: the page sends it nowhere. */
function save(csv: string): void {
  // The mark at the beginning makes programs for tables read UTF-8.
  const url = URL.createObjectURL(new Blob(['\ufeff', csv], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'accounts.csv';
  link.click();
  URL.revokeObjectURL(url);
}

function Arrange<Name extends string>(props: {
  label: string;
  value: Name;
  labels: Readonly<Record<Name, string>>;
  change: (value: Name) => void;
}) {
  const { label, value, labels, change } = props;
  return (
    <select aria-label={label} value={value} onChange={({ currentTarget }) => change(currentTarget.value as Name)}>
      {Object.entries<string>(labels).map(([name, text]) => (
        <option key={name} value={name}>
          {text}
        </option>
      ))}
    </select>
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
