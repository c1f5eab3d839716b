export interface DeployedPackage {
  readonly name: string;
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
}

/** The packages of which code is in the bundle. */
export function deployedPackages(): Promise<readonly DeployedPackage[]>;
/** The contents of the bundle as a CycloneDX document. */
export function sbomOf(deployed: readonly DeployedPackage[]): string;
