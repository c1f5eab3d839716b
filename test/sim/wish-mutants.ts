// Deliberate bugs about what people and policies ask for: emergencies, requests, pauses, windows, acknowledgements.
import { type Mutant, one } from './mutant.ts';

export const WISH_MUTANTS: readonly Mutant[] = [
  one(
    'holds up an emergency with the overlap',
    'decide/schedule.ts',
    'if (compromised.length > 0) {',
    'if (compromised.length > 9) {',
  ),
  one(
    'holds up an emergency with the gate',
    'decide/decide.ts',
    'return leaked.size > 0 || (record.phase',
    'return leaked.size > 9 || (record.phase',
  ),
  one('acts while paused', 'decide/decide.ts', "  if (seen.isPaused) return wait('Paused', until);\n", ''),
  one(
    'begins before it is due',
    'decide/decide-phase.ts',
    'if (now < due && request === undefined)',
    'if (now < due - 30_000 && request === undefined)',
  ),
  one(
    'leaves a compromised request open',
    'decide/emergency.ts',
    '  if (marks.length + closes.length === 0) return undefined;\n',
    '  if (marks.length + closes.length < 9) return undefined;\n',
  ),
  one(
    'closes a compromised request early',
    'decide/emergency.ts',
    'fingerprint === undefined || isLive(seen, fingerprint)) continue;',
    'fingerprint === undefined || seen.keys.key1 === fingerprint) continue;',
  ),
  one(
    'counts two rotations for one',
    'decide/decide-phase.ts',
    'const rotationId = (record.rotationId + 1) as RotationId;',
    'const rotationId = (record.rotationId + 2) as RotationId;',
  ),
  one(
    'forgets to close what it answered',
    'decide/regenerate.ts',
    ".filter((request) => request.kind === 'rotate')",
    ".filter((request) => request.kind === 'rollBack')",
  ),
  one(
    'ends a rotation with the superseded key alive',
    'decide/decide-retiring.ts',
    '  if (!isSupersededGone(followed, record)) {\n    const settledAt',
    '  if (!isSupersededGone(followed, record) && record.attempts > 1) {\n    const settledAt',
  ),
  one(
    'takes no named consumer for all acknowledged',
    'decide/schedule.ts',
    'const areAllAcknowledged = policy.consumers.length > 0 && missing.length === 0;',
    'const areAllAcknowledged = missing.length === 0;',
  ),
  one(
    'counts the word for an older version',
    'decide/schedule.ts',
    'entry.consumer === consumer && record.versions.includes(entry.version)',
    'entry.consumer === consumer',
  ),
  one(
    'goes on without a consumer that must acknowledge',
    'decide/schedule.ts',
    "return missing.length > 0 && policy.onMissing === 'hold'",
    "return missing.length > 0 && policy.onMissing !== 'hold'",
  ),
  one(
    'acts outside the window',
    'decide/decide.ts',
    '  if (window.isOpen) return step;\n',
    '  if (!window.isOpen) return step;\n',
  ),
  one('acts while frozen', 'decide/decide.ts', "  if (policy.isFrozen) return wait('Frozen', until);\n", ''),
  one(
    'begins without a word about the standby key',
    'decide/decide-phase.ts',
    'if (!policy.standbyIsFree && record.standbyApprovedAt === undefined) {',
    'if (!policy.standbyIsFree && record.rotatedAt > now) {',
  ),
  {
    name: 'begins a second rotation for a wish that came during the first',
    edits: [
      {
        file: 'decide/decide-phase.ts',
        find: '  const closes = answeredBy(rotationId, seen.requests);\n',
        replace: '  const closes: RequestClosing[] = [];\n',
      },
      {
        file: 'decide/decide-retiring.ts',
        find: '...answeredBy(record.rotationId, seen.requests)],\n',
        replace: '],\n',
      },
    ],
  },
  one(
    'sleeps through the end of the overlap',
    'decide/decide-phase.ts',
    'Math.min(overlap.until, now + policy.observeEveryMs)',
    'now + 9_000_000',
  ),
  one(
    'works on a request that was withdrawn',
    'pass/observe.ts',
    'stored.requests.filter((request) => request.closedAt === undefined)',
    "stored.requests.filter((request) => request.closedAt === undefined || request.outcome === 'Withdrawn')",
    { scenario: 'requested while paused, then withdrawn', faults: 0 },
  ),
];
