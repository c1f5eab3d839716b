import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BLOCK_REMEDIES } from '../../src/operators/remedies.ts';
import {
  BLOCKED_REASONS,
  PUBLISH_REASONS,
  REQUEST_OUTCOMES,
  START_REASONS,
  WAIT_REASONS,
} from '../../src/rotation/reasons.ts';

const RUNBOOK = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const headings = [...RUNBOOK.matchAll(/^### ([A-Z]\w+)$/gm)].map(([, name]) => name);
const mentioned = new Set(
  [...RUNBOOK.matchAll(/\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b|\bPaused\b|\bFrozen\b|(?<=`)[A-Z][a-z]+(?=`)/g)].map(
    ([name]) => name,
  ),
);

describe('the runbook', () => {
  it('has a heading for every reason to be blocked, and for no other', () => {
    expect(headings).toEqual([...BLOCKED_REASONS]);
  });
  it('says in short what the status page says', () => {
    const short = [...RUNBOOK.matchAll(/^### ([A-Z]\w+)\n\n- \*\*In short\*\* ([\s\S]*?)\n- \*\*Meaning/gm)];
    const told = Object.fromEntries(short.map(([, reason = '', text = '']) => [reason, text.replace(/\s+/g, ' ')]));
    expect(told).toEqual(BLOCK_REMEDIES);
  });
  it.each([...WAIT_REASONS, ...START_REASONS, ...PUBLISH_REASONS, ...REQUEST_OUTCOMES])('mentions %s', (reason) => {
    expect(mentioned).toContain(reason);
  });
});
