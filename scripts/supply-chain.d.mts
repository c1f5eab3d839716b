export interface DeployedPackage {
  readonly name: string;
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
}

/** How many of `deployed` the report of `npm audit --json` names; undefined when it is no report. */
export function vulnerableIn(report: string, deployed: readonly DeployedPackage[]): number | undefined;
/** The packages of which code is in the bundle. */
export function deployedPackages(): Promise<readonly DeployedPackage[]>;
/** The contents of the bundle as a CycloneDX document. */
export function sbomOf(deployed: readonly DeployedPackage[]): string;
