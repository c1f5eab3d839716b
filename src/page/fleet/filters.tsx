// The search and the filters of the list. It must not filter.
import { useMemo } from 'preact/hooks';
import type { AccountSummary } from '../types.ts';
import { choicesOf, choiceText, FACET_NAMES, FACETS } from './facets.ts';
import { type Filter, NO_FILTER } from './fleet.ts';

interface Props {
  readonly accounts: readonly AccountSummary[];
  readonly filter: Filter;
  readonly change: (part: Partial<Filter>) => void;
}

export function Filters({ accounts, filter, change }: Props) {
  const choices = useMemo(() => FACET_NAMES.map((facet) => [facet, choicesOf(accounts, facet)] as const), [accounts]);
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
      <div class="facets">
        {choices.map(([facet, values]) => {
          const { label, all } = FACETS[facet];
          // One value filters nothing.
          if (values.length < 2 && filter[facet] === '') return null;
          return (
            <label key={facet}>
              <span class="sr">{label}</span>
              <select value={filter[facet]} onChange={({ currentTarget }) => change({ [facet]: currentTarget.value })}>
                <option value="">{all}</option>
                {values.map((value) => (
                  <option key={value} value={value}>
                    {choiceText(facet, value)}
                  </option>
                ))}
              </select>
            </label>
          );
        })}
        {isFiltered ? (
          <button type="button" class="link" onClick={() => change(NO_FILTER)}>
            Clear
          </button>
        ) : null}
      </div>
    </div>
  );
}
