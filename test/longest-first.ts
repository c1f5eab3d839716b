// Begins with the file that takes longest, and computes; then those of the end to end level, which mostly wait. Otherwise the
// long ones would run last, with nobody beside them.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LONGEST = 'explore.test.ts';

function rankOf({ moduleId, project }: TestSpecification): number {
  if (moduleId.endsWith(LONGEST)) return 0;
  return project.name === 'e2e' ? 1 : 2;
}

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}
