// Deliberate bugs about gateway nodes, proofs and the worst days: each must be caught by a checker.
import { type Mutant, one } from './mutant.ts';

export const EMERGENCY_MUTANTS: readonly Mutant[] = [
  one(
    'publishes as soon as one node accepts',
    'decide-phase.ts',
    "  if (now < activeAt) return wait('ActivationTimeNotOver', Math.min(activeAt, now + policy.observeEveryMs));\n",
    '',
  ),
  one(
    'counts the activation from the attempt, as if no answer came late',
    'decide-phase.ts',
    'const activeAt = record.attemptAt + policy.settleMs + policy.activationForMs;',
    'const activeAt = record.attemptAt + policy.activationForMs;',
  ),
  one(
    'proves a death by one burst of rejections',
    'decide-retiring.ts',
    '    const provenAt = record.rejectedSince + policy.confirmOverMs;\n',
    '    const provenAt = record.rejectedSince;\n',
  ),
  one(
    'goes on counting after a node has accepted the superseded key',
    'decide-retiring.ts',
    "  if (count.verdict === 'accepted' && record.rejectedSince !== undefined) return noteRejection(record, undefined);\n",
    '',
  ),
  one(
    'calls a leaked key dead when it is replaced',
    'decide-retiring.ts',
    "closing(id, provenAt === undefined ? 'KeyReplaced' : 'KeyIsDead', rotationId)",
    "closing(id, 'KeyIsDead', rotationId)",
  ),
  one(
    'announces before an emergency',
    'decide.ts',
    "return isEmergency(seen) ? undefined : wait('AnnouncementUnknown'",
    "return now < 0 ? undefined : wait('AnnouncementUnknown'",
  ),
  one(
    'ends the pass when an announcement fails in an emergency',
    'reconcile.ts',
    "if (isAnnouncement && service === 'appConfiguration')",
    "if (isAnnouncement && service === 'arm')",
  ),
  one(
    'waits for a verdict in an emergency for ever',
    'successor.ts',
    'const patienceEndsAt = Math.max(since, askedAt) + policy.emergencyPatienceMs;',
    'const patienceEndsAt = Number.POSITIVE_INFINITY;',
  ),
  one(
    'takes the name of a leaked key for what it means now',
    'emergency.ts',
    'if (published.createdAt === undefined || published.createdAt <= at) return published.fingerprint;',
    'if (published.version.length > 0) return published.fingerprint;',
  ),
  one(
    'takes a slot for the key that it held before',
    'emergency.ts',
    'record.attemptAt >= at) return record.before;',
    'record.attemptAt > 0) return record.before;',
  ),
  one(
    'sacrifices the published key without an operator',
    'emergency.ts',
    "const request = emergenciesOf(seen).find(({ accepts }) => accepts === 'outage');",
    'const [request] = emergenciesOf(seen);',
  ),
  one(
    'sacrifices without recording it',
    'execute.ts',
    'record: { ...record, sacrifice: { slot, before: fingerprint, attemptAt } },\n',
    'record,\n',
  ),
  one(
    'sacrifices again before the attempt has settled',
    'emergency.ts',
    'if (sacrifice?.before === fingerprint && now < sacrifice.attemptAt + policy.settleMs) {',
    'if (sacrifice?.before === fingerprint && now < 0) {',
  ),
  one(
    'fails where Key Vault cannot be read in an emergency',
    'observe.ts',
    "if (error instanceof RotationError && urgency === 'compromised') return { state: 'unknown' };",
    "if (error instanceof RotationError && urgency === 'routine') return { state: 'unknown' };",
  ),
  one(
    'regenerates any standby key while Key Vault cannot be read',
    'emergency.ts',
    "const isForLeaked = step.kind === 'regenerate' && followed.leaked.has(step.fingerprint);",
    "const isForLeaked = step.kind === 'regenerate';",
  ),
  one(
    'lets a roll back hold up an emergency',
    'decide.ts',
    '  if (emergency !== undefined || leaked.size > 0) return emergency;\n',
    '  if (emergency !== undefined) return emergency;\n',
  ),
  one(
    'leaves a leaked standby key to the patience of a routine rotation',
    'decide-phase.ts',
    '  if (leaked.has(standby)) return repeat(followed, { ...record, before: standby });\n',
    '',
  ),
];
