export interface Registration {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Each `<object id>=<role>`. */
  readonly assignments: readonly string[];
}
/** Makes or updates the application registration of an installation; resolves to its client id. Rejects with one sentence. */
export function register(az: (args: readonly string[]) => Promise<string>, registration: Registration): Promise<string>;
