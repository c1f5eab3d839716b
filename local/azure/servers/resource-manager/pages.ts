// Pages of a list in Azure Resource Manager. The link to the next page holds the API version and a token.
import type { Answer, Params, WireCall } from '../http.ts';
import { success } from './answers.ts';

export interface PageOptions {
  /** Base URL of this server. */
  readonly origin: () => string;
  readonly pageSize: number;
}

export function pageOf<T>(
  call: WireCall,
  items: readonly T[],
  { origin, pageSize }: PageOptions,
  bodyOf: (item: T) => object,
): Answer {
  const start = Number(call.query.get('$skiptoken') ?? 0);
  const page = items.slice(start, start + pageSize);
  const end = start + page.length;
  const value = page.map(bodyOf);
  if (end >= items.length) return success(call, { value });
  const version = call.query.get('api-version') ?? '';
  return success(call, { value, nextLink: `${origin()}${call.path}?api-version=${version}&$skiptoken=${end}` });
}

/** Whether a resource is in the scope of a list: its subscription, or its group. */
export function isInScope(id: string, { sub = '', rg }: Params): boolean {
  const scope = `/subscriptions/${sub}/${rg === undefined ? '' : `resourceGroups/${rg}/`}`;
  return id.toLowerCase().startsWith(scope.toLowerCase());
}
