// Deliberate bugs about answers that mean either a dead key or a closed network.
import { type Mutant, one } from './mutant.ts';

const RESOLVED = "return [fingerprint, { verdict: isOtherAccepted ? 'rejected' : 'inconclusive', inARow }];";
const saying = (verdicts: string): string =>
  RESOLVED.replace("isOtherAccepted ? 'rejected' : 'inconclusive'", verdicts);

export const AMBIGUOUS_MUTANTS: readonly Mutant[] = [
  one(
    'takes an ambiguous answer for a rejection without another key',
    'pass/ambiguous.ts',
    RESOLVED,
    saying("'rejected'"),
    {
      scenario: 'ambiguous answers, roll back, and a network that shuts for a while',
      faults: 0,
    },
  ),
  one(
    'takes an ambiguous answer for an acceptance',
    'pass/ambiguous.ts',
    RESOLVED,
    saying("isOtherAccepted ? 'rejected' : 'accepted'"),
    { scenario: 'ambiguous answers, and a network that shuts for a while', faults: 0 },
  ),
  one(
    'takes an ambiguous answer for an acceptance while another key is accepted',
    'pass/ambiguous.ts',
    RESOLVED,
    saying("isOtherAccepted ? 'accepted' : 'inconclusive'"),
    { scenario: 'ambiguous answers, compromised, and keys slow to change', faults: 0 },
  ),
  one(
    'does not ask the other key what an ambiguous answer means',
    'decide/decide.ts',
    '  if (seen.witness !== undefined) return probe(seen.witness);\n',
    '',
    { scenario: 'ambiguous answers, compromised, and keys slow to change', faults: 0 },
  ),
];
