/** Writes the deployable zip to `file` (`out/app.zip` when absent). */
export function packageApp(file?: string): Promise<{ readonly bytes: number; readonly names: readonly string[]; readonly file: string }>;
