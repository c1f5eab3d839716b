// Deliberate bugs about gateway nodes, proofs and the worst days: each must be caught by a checker.
import { type Mutant, one } from './mutant.ts';

export const EMERGENCY_MUTANTS: readonly Mutant[] = [
  one(
    'publishes as soon as one node accepts',
    'decide/decide-phase.ts',
    "  if (now < activeAt) return wait('ActivationTimeNotOver', Math.min(activeAt, now + policy.observeEveryMs));\n",
    '',
  ),
  one(
    'counts the activation from the attempt, as if no answer came late',
    'decide/decide-phase.ts',
    'const activeAt = record.attemptAt + policy.settleMs + policy.activationForMs;',
    'const activeAt = record.attemptAt + policy.activationForMs;',
  ),
  one(
    'proves a death by one burst of rejections',
    'decide/decide-retiring.ts',
    '    const provenAt = record.rejectedSince + spreadOf(record, policy);\n',
    '    const provenAt = record.rejectedSince;\n',
  ),
  one(
    'calls a leaked key dead when it is replaced',
    'decide/decide-retiring.ts',
    "closing(id, provenAt === undefined ? 'KeyReplaced' : 'KeyIsDead', rotationId)",
    "closing(id, 'KeyIsDead', rotationId)",
    { scenario: 'compromised while the data plane answers nobody', faults: 0 },
  ),
  one(
    'announces before an emergency',
    'decide/decide.ts',
    "return isEmergency(seen) ? undefined : wait('AnnouncementUnknown'",
    "return now < 0 ? undefined : wait('AnnouncementUnknown'",
    { scenario: 'compromised without App Configuration', faults: 0 },
  ),
  one(
    'ends the pass when an announcement fails in an emergency',
    'pass/reconcile.ts',
    "if (isAnnouncement && service === 'appConfiguration')",
    "if (isAnnouncement && service === 'arm')",
    { scenario: 'compromised while App Configuration refuses every write', faults: 0 },
  ),
  one(
    'waits for a verdict in an emergency for ever',
    'decide/successor.ts',
    'const patienceEndsAt = Math.max(since, askedAt) + policy.emergencyPatienceMs;',
    'const patienceEndsAt = Number.POSITIVE_INFINITY;',
    { scenario: 'compromised while the data plane answers nobody', faults: 0 },
  ),
  one(
    'takes the name of a leaked key for what it means now',
    'decide/emergency.ts',
    'if (published.createdAt === undefined || published.createdAt + SECOND_MS <= at) {',
    'if (published.version.length > 0) {',
    { scenario: 'compromised published', faults: 1 },
  ),
  one(
    'takes a slot for the key that it held before',
    'decide/emergency.ts',
    'record.attemptAt >= at) return record.before;',
    'record.attemptAt > 0) return record.before;',
    { scenario: 'compromised standby', faults: 1 },
  ),
  one(
    'sacrifices the published key without an operator',
    'decide/emergency.ts',
    "find((entry) => entry.accepts === 'outage' && mayBegin(entry));",
    'find(mayBegin);',
    { scenario: 'compromised standby', faults: 1 },
  ),
  one(
    'sacrifices without recording it',
    'pass/execute.ts',
    'record: { ...record, sacrifice: { slot, before: fingerprint, attemptAt } },\n',
    'record,\n',
    { scenario: 'an outage accepted while Key Vault fails', faults: 0 },
  ),
  one(
    'fails where Key Vault cannot be read in an emergency',
    'pass/observe.ts',
    "if (error instanceof RotationError && urgency === 'compromised') return { state: 'unknown', cause: error.message };",
    "if (error instanceof RotationError && urgency === 'routine') return { state: 'unknown', cause: error.message };",
    { scenario: 'an outage accepted while Key Vault fails', faults: 0 },
  ),
  one(
    'regenerates any standby key while Key Vault cannot be read',
    'decide/emergency.ts',
    "step.kind === 'regenerate' && followed.leaked.has(step.fingerprint) && isRecordConclusive(record, followed.standby);",
    "step.kind === 'regenerate';",
    { scenario: 'an outage accepted while Key Vault fails', faults: 0 },
  ),
  one('lets a roll back hold up an emergency', 'decide/decide.ts', '  if (leaked.size > 0) return undefined;\n', '', {
    scenario: 'compromised, then rolled back',
    faults: 1,
  }),
  one(
    'leaves a leaked standby key to the patience of a routine rotation',
    'decide/decide-phase.ts',
    '  if (leaked.has(standby)) return repeat(followed, { ...record, before: standby });\n',
    '',
    { scenario: 'compromised standby', faults: 0 },
  ),
];
