// Bugs about time and about the end of an invocation: waits on a clock that is set back, and work that goes on after it.
// `find` must stand exactly once in its file, so that the list keeps in step with the code.
import { type AdapterMutant, by, inAdapters } from './adapter-mutant.ts';

const ended = (test: string) => by('test/functions/after-the-end.test.ts', test);
const lanes = (test: string) => by('test/functions/lanes.test.ts', test);
const steady = (test: string) => by('test/functions/steady-clock.test.ts', test);
const setBack = (test: string) => by('test/rotation/clock-set-back.test.ts', test);
const AFTER_THE_END = 'no call goes on after the end of ';

const ENDS: readonly AdapterMutant[] = [
  {
    name: 'leaves calls behind when one beside them fails',
    file: 'src/base/lanes.ts',
    find: "for (const ended of await Promise.allSettled(running)) if (ended.status === 'rejected') throw ended.reason;",
    replace: '',
    killer: ended(`${AFTER_THE_END}GET health`),
  },
  {
    name: 'lets a check leave the probe of the other key behind',
    file: 'src/operators/check/check.ts',
    find: 'allEnded(SLOTS.map(',
    replace: 'Promise.all(SLOTS.map(',
    killer: ended(`${AFTER_THE_END}POST check`),
  },
  {
    name: 'does not tell lanes that one of them has failed',
    file: 'src/base/lanes.ts',
    find: 'hasFailed = true;',
    replace: '',
    killer: lanes('lets the others take nothing new'),
  },
  {
    name: 'begins passes after a lane has failed',
    file: 'src/fleet/passes.ts',
    find: 'now < startsUntil && goesOn();',
    replace: 'now < startsUntil;',
    killer: lanes('begins no pass over the accounts that are still waiting'),
  },
  {
    name: 'delivers on after its invocation has ended',
    file: 'src/triggers/delivery.ts',
    find: 'await deliverFrom(parts, log);',
    replace: 'void deliverFrom(parts, log);',
    killer: ended(`${AFTER_THE_END}the delivery of notifications`),
  },
];

const WITHIN_A_PROCESS: readonly AdapterMutant[] = [
  {
    name: 'waits on the time of day',
    file: 'src/compose.ts',
    find: 'return { ...app, clock: steadyClock(app.clock, monotonicClock) };',
    replace: 'return app;',
    killer: steady('an event waits for 25 seconds at most'),
  },
  {
    name: 'has one clock for all invocations',
    file: 'src/entry/app.ts',
    find: 'return forInvocation(app);',
    replace: 'return app;',
    killer: steady('each invocation has a clock of its own'),
  },
  {
    name: 'does not notice that the machine was asleep',
    file: 'src/base/steady-clock.ts',
    find: 'Math.max(wall.now(), latest + (at - readAt))',
    replace: 'latest + (at - readAt)',
    killer: steady('follows the time of day, also forward'),
  },
];

const STORED: readonly AdapterMutant[] = [
  {
    name: 'believes what a record says of the future',
    file: 'src/rotation/pass/reconcile.ts',
    find: 'withinClock(await ports.records.read(account), account, clock.now())',
    replace: 'await ports.records.read(account)',
    killer: setBack('an overlap lasts its span from then on'),
  },
  {
    name: 'takes a regenerate from the future for settled',
    file: 'src/rotation/pass/clock-set-back.ts',
    find: '[[name, value - byMs]]',
    replace: '[[name, 0]]',
    killer: setBack('a regenerate is settled after its time, and not at once'),
  },
  {
    name: 'waits for a lease until its clock has caught up',
    file: 'src/rotation/pass/clock-set-back.ts',
    find: 'return isPossible ? undefined :',
    replace: 'return now > 0 || isPossible ? undefined :',
    killer: setBack('a lease that nobody frees ends after its length'),
  },
  {
    name: 'takes a lease from the future at once',
    file: 'src/rotation/pass/clock-set-back.ts',
    find: 'expiresAt: now + policy.leaseMs }',
    replace: 'expiresAt: now }',
    killer: setBack('a lease that nobody frees ends after its length'),
  },
  {
    name: 'does not look at accounts whose next look is in the far future',
    file: 'table/records.ts',
    find: ' or (${beyond})',
    replace: '',
    killer: inAdapters('an account is due whose look is further ahead than a clock in order writes'),
  },
  {
    name: 'stores looks as far ahead as the policy wants',
    file: 'src/rotation/pass/record.ts',
    find: 'Math.min(change.nextObservationAt, now + LOOK_WITHIN_MS)',
    replace: 'change.nextObservationAt',
    killer: setBack('no look is stored further ahead than a day'),
  },
  {
    name: 'makes a request due by the clock of the operator’s instance',
    file: 'table/rows/request-rows.ts',
    find: '=== undefined ? 0 : NEVER_DUE',
    replace: '=== undefined ? request.at : NEVER_DUE',
    killer: inAdapters('a request about a leaked key makes its account urgent'),
  },
  {
    name: 'keeps ticks of the future',
    file: 'src/fleet/ticks.ts',
    find: 'Math.abs(at - newest)',
    replace: 'at - newest',
    killer: by('test/rotation/ticks.test.ts', 'are none that the clock, which was set back since'),
  },
  {
    name: 'puts a notification off until its clock has caught up',
    file: 'src/notify/back-off.ts',
    find: ' || nextAttemptAt > now + RETRY_AFTER_MAXIMUM_MS',
    replace: '',
    killer: by('test/functions/notify-deliver.test.ts', 'takes no wait for longer than a receiver may ask for'),
  },
  {
    name: 'lets a campaign bake until its clock has caught up',
    file: 'src/fleet/campaign/rules/progress.ts',
    find: '(isAhead(ring.endedAt) ? { ...ring, endedAt: now } : ring)',
    replace: 'ring',
    killer: by('test/rotation/campaign-progress.test.ts', 'a bake begins again'),
  },
  {
    name: 'keeps an account that is gone until its clock has caught up',
    file: 'src/fleet/discovery/plan.ts',
    find: 'missingSince: Math.min(missingSince, now)',
    replace: 'missingSince',
    killer: by('test/functions/discovery-plan.test.ts', 'waits from now on where the clock was set back'),
  },
];

const BACK_OFF: readonly AdapterMutant[] = [
  {
    name: 'brings accounts that failed together back together',
    file: 'src/rotation/pass/record.ts',
    find: 'Math.floor((delayMs / 4) * shareOf(account.id))',
    replace: '(account.policy.jitterMs % (1 + Math.floor(delayMs / 4)))',
    killer: by('test/rotation/record.test.ts', 'spreads accounts that failed together evenly'),
  },
  {
    name: 'brings accounts back before their back-off is over',
    file: 'src/rotation/pass/record.ts',
    find: 'now + delayMs + Math.floor((delayMs / 4) * shareOf(account.id))',
    replace: 'now + Math.floor(delayMs * (0.875 + shareOf(account.id) / 4))',
    killer: by('test/rotation/record.test.ts', 'spreads accounts that failed together evenly'),
  },
];

export const LIFE_MUTANTS: readonly AdapterMutant[] = [...ENDS, ...WITHIN_A_PROCESS, ...STORED, ...BACK_OFF];
