// Azure Monitor runs the query of a log alert when the rule is made. A workspace that the same deployment makes has no table
// yet, and one that exists may have none, so the rule is refused ("Failed to resolve table or column expression named 'AppTraces'"), unless validation is
// skipped and the query has an empty table in front. Source: learn.microsoft.com, REST reference of scheduled query rules
// (`skipQueryValidation`); Kusto reference of `union isfuzzy`.
import { z } from 'zod';
import type { Planned } from './planned.ts';

const rule = z.object({
  skipQueryValidation: z.boolean().default(false),
  scopes: z.array(z.string()),
  criteria: z.object({ allOf: z.array(z.object({ query: z.string() })) }),
});

/** Tables of Application Insights and of other services in a workspace begin so. No word of the query language does. */
const TABLE = /\b(?:App|Azure|AKV|AACAudit|Storage|Function)[A-Z]\w*\b(?!\s*[(:=])/g;
/** An empty table with its columns, and the tables that may be missing. */
const FUZZY_UNION =
  /\bunion\s+isfuzzy\s*=\s*true\s*\(\s*datatable\s*\([^)]*\)\s*\[\s*\]\s*\)\s*,\s*([\w\s,]+?)(?=\n|\||\)|$)/g;

/** Tables that the query names outside a fuzzy union: the query fails as long as they are missing. */
export function tablesRequiredBy(query: string): readonly string[] {
  const rest = query.replace(/'[^'\n]*'|"[^"\n]*"/g, "''").replace(FUZZY_UNION, '');
  return [...new Set([...rest.matchAll(TABLE)].map(([name]) => name))];
}

/** Tables come with the first records, minutes after. `tables` is no property of Azure: it says that there are none yet. */
function isEmpty(id: string, { present }: Planned): boolean {
  const workspace = present.get(id.toLowerCase());
  return workspace === undefined || Array.isArray(workspace.properties['tables']);
}

export function refuseLogQueries(planned: Planned): string | undefined {
  for (const { type, name, properties } of planned.resources) {
    if (type.toLowerCase() !== 'microsoft.insights/scheduledqueryrules') continue;
    const { skipQueryValidation, scopes, criteria } = rule.parse(properties);
    if (!scopes.some((id) => isEmpty(id, planned))) continue;
    for (const { query } of criteria.allOf) {
      const [table] = tablesRequiredBy(query);
      const sentence = `${name}: 'where' operator: Failed to resolve table or column expression named '${table ?? ''}'.`;
      if (table !== undefined) return sentence;
      if (!skipQueryValidation)
        return `${name}: the query names tables of a workspace that has none: skipQueryValidation.`;
    }
  }
  return undefined;
}
