/** What is wrong with releasing a tree as `tag`; undefined if nothing is. */
export function objectionTo(
  tag: string,
  tree: { readonly version: string; readonly changeLog: string },
): string | undefined;
