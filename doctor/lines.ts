// One line of the doctor's report: the check, its mark, the finding and the remedy.

/** `yes`: tried and well · `no`: an operator must act · `open`: worth knowing, or not provable without a change. */
export type Mark = 'yes' | 'no' | 'open';

/** The areas that are no account. */
export const SERVICE_AREAS = ['settings', 'identity', 'appConfiguration', 'keyVault', 'table', 'doctor'] as const;

export interface Line {
  /** A service area, or the alias of an account. */
  readonly area: string;
  readonly check: string;
  readonly mark: Mark;
  readonly finding: string;
  readonly remedy?: string;
}

export function yes(area: string, check: string, finding: string): Line {
  return { area, check, mark: 'yes', finding };
}

export function no(area: string, check: string, finding: string, remedy: string): Line {
  return { area, check, mark: 'no', finding, remedy };
}

export function open(area: string, check: string, finding: string, remedy?: string): Line {
  return { area, check, mark: 'open', finding, ...(remedy === undefined ? {} : { remedy }) };
}
