// Where a cloud's shared endpoints are and which tokens they want.
// It must not know accounts, vaults or stores: those come from the settings.

export interface Cloud {
  readonly name: string;
  /** Base URL of Azure Resource Manager, no trailing slash. */
  readonly resourceManagerEndpoint: string;
  readonly resourceManagerScope: string;
  /** Base URL of the Entra authority, no trailing slash. */
  readonly authorityHost: string;
  /** False only for a local Azure, whose vault does not live under the challenge's domain. */
  readonly isChallengeResourceVerified: boolean;
}

export const CLOUDS = {
  public: {
    name: 'public',
    resourceManagerEndpoint: 'https://management.azure.com',
    resourceManagerScope: 'https://management.azure.com/.default',
    authorityHost: 'https://login.microsoftonline.com',
    isChallengeResourceVerified: true,
  },
  usGovernment: {
    name: 'usGovernment',
    resourceManagerEndpoint: 'https://management.usgovcloudapi.net',
    resourceManagerScope: 'https://management.usgovcloudapi.net/.default',
    authorityHost: 'https://login.microsoftonline.us',
    isChallengeResourceVerified: true,
  },
  china: {
    name: 'china',
    resourceManagerEndpoint: 'https://management.chinacloudapi.cn',
    resourceManagerScope: 'https://management.chinacloudapi.cn/.default',
    authorityHost: 'https://login.chinacloudapi.cn',
    isChallengeResourceVerified: true,
  },
} as const satisfies Record<string, Cloud>;
