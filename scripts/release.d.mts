/** The file that has the checksums of the others, as `sha256sum` prints them. */
export const CHECKSUMS: string;
/** Makes the files of a release in `folder` (`out/release` when absent), which is emptied before; returns their names. */
export function makeRelease(folder?: string): Promise<readonly string[]>;
