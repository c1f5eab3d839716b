// Bugs in the rules of holders: what counts as evidence, what is brought, and what holds a rotation.
// `find` must stand exactly once in its file, so that the list keeps in step with the code.
import { type AdapterMutant, by } from './adapter-mutant.ts';

const DECIDE = 'src/holders/decide.ts';
const REQUIREMENT = 'src/holders/requirement.ts';
const STANDING = 'src/holders/standing.ts';
const ROUND = 'src/holders/round.ts';
const WATCH = 'src/holders/watch.ts';
const rules = (test: string) => by('test/functions/holders/decide.test.ts', test);
const lives = (test: string) => by('test/functions/holders/rotation.test.ts', test);
const held = (test: string) => by('test/functions/holders/held-back.test.ts', test);

export const HOLDER_MUTANTS: readonly AdapterMutant[] = [
  {
    name: 'holders: counts a refresh from before the publish',
    file: DECIDE,
    find: 'const isBrought = bringing?.version === target.version &&',
    replace: 'const isBrought = bringing !== undefined &&',
    killer: rules('that was brought before the publish is no evidence'),
  },
  {
    name: 'holders: skips the refresh',
    file: DECIDE,
    find: '      return EFFECTS[kind]?.reference ?? [];',
    replace: "      return (EFFECTS[kind]?.reference ?? []).filter((effect) => effect !== 'refresh');",
    killer: rules('is refreshed, then the app restarts, then it is evidence'),
  },
  {
    name: 'holders: counts a reference to one version, whichever it is',
    file: DECIDE,
    find: "return content.isResolved && content.pinnedTo === target.version ? 'seen' : undefined;",
    replace: "return content.isResolved ? 'seen' : undefined;",
    killer: rules('to one version counts only while that version is published, and is never brought'),
  },
  {
    name: 'holders: counts another active version',
    file: DECIDE,
    find: '  if (isOther(content, target)) return undefined;\n',
    replace: '',
    killer: rules('with another active version is no evidence, with the published one it is seen'),
  },
  {
    name: 'holders: counts what the platform fetched before the publish',
    file: DECIDE,
    find: 'return isResolved && (resolvedAt === undefined || resolvedAt + SECOND_MS > at);',
    replace: 'return isResolved && (resolvedAt === undefined || at >= 0);',
    killer: rules('that its platform last fetched before the publish is no evidence'),
  },
  {
    name: 'holders: counts a reference to another secret',
    file: DECIDE,
    find: " || holder.standing.state === 'otherValue') return undefined;",
    replace: ') return undefined;',
    killer: rules('to another secret is neither evidence nor brought'),
  },
  {
    name: 'holders: counts a value while a lost write may still land',
    file: DECIDE,
    find: "return content.fingerprint === target.fingerprint && isSettled ? 'seen' : undefined;",
    replace: "return content.fingerprint === target.fingerprint ? 'seen' : undefined;",
    killer: rules('is no evidence while a write whose answer was lost may still happen'),
  },
  {
    name: 'holders: writes a value that was never a copy',
    file: DECIDE,
    find: "    case 'copy':\n    case 'formerCopy':\n      return EFFECTS",
    replace: "    case 'copy':\n    case 'otherValue':\n    case 'formerCopy':\n      return EFFECTS",
    killer: rules('is never written if it was never a copy'),
  },
  {
    name: 'holders: needs no person for what could not be seen',
    file: STANDING,
    find: "    case 'unseen':\n      return true;",
    replace: "      return true;\n    case 'unseen':\n      return false;",
    killer: rules('needs a person: brought true → true'),
  },
  {
    name: 'holders: counts holders as all applications',
    file: REQUIREMENT,
    find: 'return all.length === 0 ? [] : [...all, OTHERS];',
    replace: 'return all;',
    killer: lives('holders are never known to be all: without the word, the overlap lasts its maximum'),
  },
  {
    name: 'holders: lets the first rotation begin over a holder that cannot follow',
    file: REQUIREMENT,
    find: 'holder.evidence.version !== known?.lookedFor || isForPerson(holder);',
    replace: 'holder.evidence.version !== known?.lookedFor;',
    killer: lives('a reference to one version holds the overlap, and is named'),
  },
  {
    name: 'holders: brings nothing at a publish',
    file: WATCH,
    find: '        await watching.afterPublish(seen);\n',
    replace: '',
    killer: lives('after an emergency the app works within the pass, before the leaked key dies'),
  },
  {
    name: 'holders: changes an account that is only observed',
    file: ROUND,
    find: 'return !isObserveOnly && !isFrozen &&',
    replace: 'return !isFrozen &&',
    killer: held('an account that is only observed is left as it is'),
  },
  {
    name: 'holders: changes a paused account',
    file: ROUND,
    find: ' && stored?.pause === undefined;',
    replace: ';',
    killer: held('a paused account is left as it is'),
  },
];
