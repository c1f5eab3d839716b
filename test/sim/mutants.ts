// Deliberate bugs in the shipped core, each with what it breaks. The checkers must see every one: a mutant that survives
// is a missing check. `find` must stand exactly once in its file, so that the list keeps in step with the code.

import { AMBIGUOUS_MUTANTS } from './ambiguous-mutants.ts';
import { EMERGENCY_MUTANTS } from './emergency-mutants.ts';
import { HOLDER_MUTANTS } from './holder-mutants.ts';
import { MOVE_MUTANTS } from './move-mutants.ts';
import { type Edit, type Mutant, one } from './mutant.ts';
import { WISH_MUTANTS } from './wish-mutants.ts';

/** Takes the second of a pair of assertions away, so that the onlookers alone must see the bug. */
const unguarded = (assertion: string, seen: string): Edit => ({
  file: 'pass/execute.ts',
  find: `  ${assertion}(${seen}, step);\n`,
  replace: '',
});

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'publishes before the new key is verified',
    edits: [
      {
        file: 'decide/decide-phase.ts',
        find: '  if (!isTaken(count.verdict)) return notYetAccepted(followed, record, activeAt, count.verdict);\n',
        replace:
          "  if (count.verdict === 'inconclusive') return notYetAccepted(followed, record, activeAt, count.verdict);\n",
      },
      unguarded('assertSafeToPublish', 'seen'),
    ],
    hint: { scenario: 'repair with a key slow to activate', faults: 1 },
  },
  one(
    'retires before the overlap is over',
    'decide/schedule.ts',
    'const maximumEndsAt = record.since + policy.overlapMaximumMs',
    'const maximumEndsAt = record.since + policy.overlapMinimumMs',
  ),
  one(
    'leaves out the read of App Configuration in the overlap',
    'pass/observe.ts',
    'announced: announcedOf(published, sighting.announcement),',
    "announced: published.state === 'live' && stored.entity.record?.phase === 'propagating' ? { state: 'read', isReferenceInLine: true, isFlagInLine: true, referencedVersion: published.version } : announcedOf(published, sighting.announcement),",
  ),
  one(
    'counts the overlap from the last rotation',
    'decide/follow.ts',
    'superseded: record.published,\n      since: now,',
    "superseded: record.published,\n      since: record.phase === 'idle' ? record.rotatedAt : 'attemptAt' in record ? (record.attemptAt ?? now) - 30_000 : now,",
  ),
  one(
    'regenerates again although the fingerprint changed',
    'decide/decide-phase.ts',
    'if (standby === record.before) {',
    'if (standby === record.before || record.attempts < 3) {',
  ),
  one(
    'takes the unchanged standby key for the new one',
    'decide/decide-phase.ts',
    'if (standby === record.before) {',
    'if (standby === record.before && now < record.attemptAt) {',
  ),
  one(
    'does not repair',
    'decide/decide.ts',
    'return repairRule(seen, policy, now);',
    "return wait('NotDue', now + policy.backOffMinimumMs);",
  ),
  one(
    'sets the flag before the reference',
    'decide/decide.ts',
    "  if (!announced.isReferenceInLine) return { kind: 'announceReference', version: published.version };\n",
    "  if (announced.isFlagInLine && !announced.isReferenceInLine) return { kind: 'announceReference', version: published.version };\n",
  ),
  one(
    'never announces the flag',
    'decide/decide.ts',
    "  if (!announced.isFlagInLine) return { kind: 'announceFlag', slot: published.slot, version: published.version };\n",
    '',
  ),
  one(
    'takes a flag of an older version for the present one',
    'pass/observe.ts',
    'isFlagInLine: flag?.version !== undefined && flag.version === version && flag.slot === slot',
    'isFlagInLine: flag?.slot === slot',
  ),
  one(
    'ignores the lease of others',
    'pass/reconcile.ts',
    'if (lease !== undefined && lease.owner !== owner &&',
    "if (lease !== undefined && lease.owner === ('' as typeof owner) &&",
    { scenario: 'switch by hand', faults: 2 },
  ),
  one(
    'takes no lease before an effect',
    'pass/execute.ts',
    'return isHeld ? sighting : renewLease(pass, sighting);',
    'return isHeld || owner.length > 0 ? sighting : renewLease(pass, sighting);',
    { scenario: 'adoption without a secret', faults: 'passes' },
  ),
  one(
    'frees the lease when a call failed',
    'pass/reconcile.ts',
    'const lease = error.isUnsent && held?.owner === pass.owner ? undefined : held;',
    'const lease = held?.owner === pass.owner ? undefined : held;',
    { scenario: 'switch by hand', faults: 2 },
  ),
  one(
    'does not confirm',
    'decide/decide-retiring.ts',
    'if (leaked.size > 0) return complete(followed, undefined);',
    'if (now > 0) return complete(followed, now);',
  ),
  one(
    'believes one probe less than none',
    'decide/decide-retiring.ts',
    "if (count.verdict === 'rejected' && publishedVerdict === 'accepted') {",
    "if (publishedVerdict === 'accepted') {",
  ),
  one(
    'takes the list of keys for a proof of death',
    'decide/decide-retiring.ts',
    "if (count.verdict === 'rejected' && publishedVerdict === 'accepted') {",
    "if (publishedVerdict === 'listed' || (count.verdict === 'rejected' && publishedVerdict === 'accepted')) {",
    { scenario: 'no call proves a key, and the policy takes the list for it', faults: 0 },
  ),
  one(
    'never proves',
    'decide/decide-retiring.ts',
    "    case 'markedRejected':\n      return complete(followed, now);",
    "    case 'markedRejected':\n      return complete(followed, undefined);",
  ),
  {
    name: 'takes the slot from the tag instead of the value',
    edits: [
      {
        file: 'pass/observe.ts',
        find: "  if (keys.key1.fingerprint === fingerprint) return { state: 'live', slot: 'key1', ...of };\n",
        replace:
          "  if (tags.accountId === account.id && tags.slot !== undefined) return { state: 'live', slot: tags.slot, ...of };\n  if (keys.key1.fingerprint === fingerprint) return { state: 'live', slot: 'key1', ...of };\n",
      },
      unguarded('assertSafeToRegenerate', 'interpret(pass.account, before)'),
    ],
  },
  {
    name: 'records the intent after the effect',
    edits: [
      {
        file: 'pass/execute.ts',
        find: '  const attemptAt = clock.now();\n',
        replace: '  const early = await ports.keys.regenerate(account, slot);\n  const attemptAt = clock.now();\n',
      },
      {
        file: 'pass/execute.ts',
        find: '  const keys = await ports.keys.regenerate(account, slot);\n',
        replace: '  const keys = early;\n',
      },
    ],
  },
  one(
    'does not wait for the last attempt to settle (preparing)',
    'decide/decide-phase.ts',
    'const settledAt = record.attemptAt + policy.settleMs;',
    'const settledAt = record.attemptAt;',
    { scenario: 'adoption without a secret', faults: 'passes' },
  ),
  one(
    'does not wait for the last attempt to settle (retiring)',
    'decide/decide-retiring.ts',
    'const settledAt = (record.attemptAt ?? Number.NEGATIVE_INFINITY) + policy.settleMs;',
    'const settledAt = Number.NEGATIVE_INFINITY;',
    { scenario: 'adoption without a secret', faults: 'passes' },
  ),
  {
    name: 'regenerates while the published key is not accepted',
    edits: [
      {
        file: 'decide/regenerate.ts',
        find: "    if (!isTaken(verdict)) return block('PublishedKeyNotAccepted', now + policy.backOffMinimumMs, verdict);\n",
        replace: '',
      },
      unguarded('assertSafeToRegenerate', 'interpret(pass.account, before)'),
    ],
  },
  one(
    'follows before it announces',
    'decide/decide.ts',
    '  if (announce !== undefined) return announce;\n',
    "  if (announce !== undefined && seen.record.state === 'present' && seen.record.record.published.version === published.version) return announce;\n",
  ),
  one(
    'goes to rest without retiring',
    'decide/follow.ts',
    "      phase: 'propagating',\n      rotationId,\n",
    "      phase: 'idle',\n      rotatedAt: now,\n      jitterMs: 0,\n      rotationId,\n",
  ),
  one(
    'calls every change of version a change of slot',
    'decide/follow.ts',
    'if (record.published.slot === published.slot) {',
    "if (record.published.slot === published.slot && record.phase === 'idle') {",
  ),
  ...WISH_MUTANTS,
  ...MOVE_MUTANTS,
  ...EMERGENCY_MUTANTS,
  ...HOLDER_MUTANTS,
  ...AMBIGUOUS_MUTANTS,
];
