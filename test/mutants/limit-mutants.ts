// Bugs in how the limits of the services are kept: the governor of Azure Resource Manager, and the waits asked for.
import { type AdapterMutant, by, inFaults } from './adapter-mutant.ts';

const wire = (test: string) => by('limits.test.ts', test);
const held = (test: string) => by('hold-off.test.ts', test);
const waits = (test: string) => by('governor-waits.test.ts', test);
const unit = (test: string) => by('governor.test.ts', test);

export const LIMIT_MUTANTS: readonly AdapterMutant[] = [
  {
    name: 'admits whoever asks',
    file: 'arm/governor.ts',
    find: 'if (leftMs > 0) throw',
    replace: 'if (leftMs < 0) throw',
    killer: wire('are never refused under the governor'),
  },
  {
    name: 'fills the bucket too fast',
    file: 'arm/governor.ts',
    find: 'capacity: 200, refillPerSecond: 10',
    replace: 'capacity: 200, refillPerSecond: 20',
    // Over the wire nothing is seen of it: what ARM says is left makes up for it.
    killer: unit('refills by one token each 100 ms, exactly'),
  },
  {
    name: 'lets routine passes use the reserve',
    file: 'arm/governor.ts',
    find: "return call === 'list' ? RESERVE + HEADROOM : RESERVE;",
    replace: 'return 0;',
    killer: unit('lets 150 routine passes begin'),
  },
  {
    name: 'takes the bucket for full before it has heard of it',
    file: 'arm/governor.ts',
    find: 'const UNANSWERED = 15;',
    replace: 'const UNANSWERED = 1_500;',
    killer: unit('are fifteen at most until ARM has answered'),
  },
  {
    name: 'keeps one bucket for all subscriptions',
    file: 'arm/governor.ts',
    find: 'subscriptionId.toLowerCase()',
    replace: "subscriptionId.slice(0, 0) + 'all'",
    killer: unit('does not slow another'),
  },
  {
    name: 'holds a leaked key for as long as ARM asks',
    file: 'arm/governor.ts',
    find: 'if (waitMs > 0 && isRecent && !(',
    replace: 'if (waitMs > 0 && !(',
    killer: wire('is left alone by routine passes for an hour, and tried for a leaked key each minute'),
  },
  {
    name: 'lets a leaked key list, and never regenerate, while ARM asks to wait',
    file: 'arm/governor.ts',
    find: 'else if (waitMs > 0) this.#isRegenerateDue = true;',
    replace: '',
    killer: wire('is left alone by routine passes for an hour, and tried for a leaked key each minute'),
  },
  {
    name: 'tries without end for a leaked key while ARM asks to wait',
    file: 'arm/governor.ts',
    find: '    this.#at = now;\n',
    replace: '',
    killer: waits('gets a try each minute, of a list and a regenerate'),
  },
  {
    name: 'takes a clock that was set back for a try that was made just now',
    file: 'arm/governor.ts',
    find: 'ageMs >= 0 && ',
    replace: '',
    killer: waits('gets its try when the bucket is empty and the clock was set back'),
  },
  {
    name: 'rests for as many hours as ARM asks',
    file: 'arm/governor.ts',
    find: 'Math.min(retryAfterMs, REST_MAXIMUM_MS)',
    replace: 'retryAfterMs',
    killer: unit('closes for an hour at most'),
  },
  {
    name: 'counts on a clock that can be set',
    file: 'arm/governor.ts',
    find: '() => monotonicClock.now()',
    replace: '() => Date.now()',
    killer: waits('the clock is monotonic unless another one is given'),
  },
  {
    name: 'sends all who were refused back at once',
    file: 'arm/token-bucket.ts',
    find: 'Math.max(earliest, this.#nextTurnAt)',
    replace: 'earliest',
    killer: unit('gives those who are refused turns'),
  },
  {
    name: 'does not hear what is left of the limit',
    file: 'arm/account-keys.ts',
    find: 'governor.learn(subscriptionId, remaining)',
    replace: 'governor.learn(subscriptionId, 200)',
    killer: wire('is noticed from what ARM says is left'),
  },
  {
    name: 'asks a subscription again that has refused',
    file: 'arm/account-keys.ts',
    find: 'if (response.status === 429) governor.close',
    replace: 'if (response.status === 430) governor.close',
    killer: wire('is left alone for as long as ARM asks'),
  },
  {
    name: 'sends to a service that has asked to wait',
    file: 'client/hold-off.ts',
    find: 'if (leftMs > 0) throw',
    replace: 'if (leftMs > 3_600_000) throw',
    killer: inFaults('keyVault publish > 429 with a delay is Throttled and tells the delay'),
  },
  {
    name: 'waits for as many hours as a service asks',
    file: 'client/hold-off.ts',
    find: 'Math.min(this.#until, this.#trialAt) - now',
    replace: 'this.#until - now',
    killer: held('lets one request through after a minute'),
  },
  {
    name: 'lets all through after a minute, whatever was asked',
    file: 'client/hold-off.ts',
    find: 'this.#trialAt = now + TRIAL_MS;\n    this.#isTrying',
    replace: 'this.#isTrying',
    killer: held('lets one request through after a minute'),
  },
  {
    name: 'forgets after a trial that the service still asks to wait',
    file: 'client/hold-off.ts',
    find: 'if (waitMs === undefined) return;',
    replace: 'if (waitMs === undefined || isTrial) return;',
    killer: held('that is refused is followed by another one a minute later'),
  },
  {
    name: 'keeps to what was asked although a trial has been taken',
    file: 'client/hold-off.ts',
    find: 'this.#isTrying = false;\n      this.#until = Number.NEGATIVE_INFINITY;',
    replace: 'this.#isTrying = false;',
    killer: held('that is answered ends the wait'),
  },
  {
    name: 'takes a late answer for the end of the wait',
    file: 'client/hold-off.ts',
    find: 'if (isTrial) {',
    replace: 'if (waitMs === undefined) {',
    killer: held('is not ended by the answer to a request from before it'),
  },
  {
    name: 'holds off for a minute after a trial that met no answer',
    file: 'client/hold-off.ts',
    find: 'if (isTrial) hold.tryAgain();',
    replace: '',
    killer: held('without an answer is followed by another one at once'),
  },
];
