// Holds docs/kinds.md equal to the table of kinds.
import { expect, it } from 'vitest';
import { printKinds } from '../../scripts/print-kinds.mjs';
import { readDocument } from '../support/documents.ts';

it('docs/kinds.md is what `node scripts/print-kinds.mjs` prints', () => {
  expect(readDocument('docs/kinds.md')).toBe(printKinds());
});

it('has a row for a kind with a call, and a reason for a kind without', () => {
  const page = printKinds();
  expect(page).toContain("| `Face` | `GET face/{version}/facelists`: lists the account's face lists |");
  expect(page).toContain('- `MetricsAdvisor`: each call also needs a second key');
  expect(page).toContain('| `usGovernment` | `<subdomain>.cognitiveservices.azure.us` |');
});
