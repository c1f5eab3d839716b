// The flags that match many accounts. The service takes them as the filter of a campaign and of an approval.

export const FILTER = {
  all: { kind: 'switch', means: 'all accounts' },
  accounts: { kind: 'text', value: 'LIST', means: 'these accounts: aliases, with commas in between' },
  subscriptions: {
    kind: 'text',
    value: 'LIST',
    means: 'accounts of these subscriptions: ids, with commas in between',
  },
  policy: { kind: 'text', value: 'NAME', means: 'accounts with this policy' },
  search: { kind: 'text', value: 'TEXT', means: 'accounts with this in their alias or resource id' },
} as const;

interface Words {
  readonly accounts: string | undefined;
  readonly subscriptions: string | undefined;
  readonly policy: string | undefined;
  readonly search: string | undefined;
}

/** An account must match every flag that is given. */
export function filterOf({ accounts, subscriptions, policy, search }: Words): object {
  return {
    ...(accounts === undefined ? {} : { accounts: listOf(accounts) }),
    ...(subscriptions === undefined ? {} : { subscriptions: listOf(subscriptions) }),
    ...(policy === undefined ? {} : { policy }),
    ...(search === undefined ? {} : { search }),
  };
}

const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
