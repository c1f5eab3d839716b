export interface TemporaryFolder {
  readonly path: string;
  readonly remove: () => Promise<void>;
}
/** Makes an empty folder that is removed at the latest when this process exits. */
export function openTemporaryFolder(name: string): Promise<TemporaryFolder>;
