// The shared endpoints of each cloud, and the tokens that they want.
// It must not know accounts, vaults or stores: those come from the settings.

export interface Cloud {
  readonly name: string;
  /** Base URL of Azure Resource Manager, no trailing slash. */
  readonly resourceManagerEndpoint: string;
  readonly resourceManagerScope: string;
  /** Base URL of the Entra authority, no trailing slash. */
  readonly authorityHost: string;
  /** False only for a local Azure, whose vault is not under the challenge's domain. */
  readonly isChallengeResourceVerified: boolean;
  /** `<vault>.<suffix>` is the host of a key vault. */
  readonly vaultSuffix: string;
  /** DNS suffix of storage accounts: `<account>.table.<suffix>`. */
  readonly storageSuffix: string;
  /** `<custom subdomain>.<suffix>` is the host of an account. */
  readonly subdomainSuffix: string;
  /** `<region>.<suffix>` is the host of a region, and the suffix alone that of global accounts. */
  readonly regionSuffix: string;
  /** True only for a local Azure: all accounts have one host, and the first part of the path is the account. */
  readonly isAccountInPath: boolean;
  /** Scope of tokens for the data plane of the accounts. Only a check asks for one; all other calls use keys. */
  readonly dataPlaneScope: string;
  /** `<service>.<suffix>` is the host of an Azure AI Search service. */
  readonly searchSuffix: string;
  /** Scope of tokens for Azure AI Search. */
  readonly searchScope: string;
  /**
   * Audience of tokens for App Configuration, as in the SDK's `KnownAppConfigAudience`. Key Vault needs no such entry,
   * because its challenge names the resource.
   */
  readonly appConfigurationAudience: string;
}

export const CLOUDS = {
  public: {
    name: 'public',
    resourceManagerEndpoint: 'https://management.azure.com',
    resourceManagerScope: 'https://management.azure.com/.default',
    authorityHost: 'https://login.microsoftonline.com',
    isChallengeResourceVerified: true,
    vaultSuffix: 'vault.azure.net',
    storageSuffix: 'core.windows.net',
    subdomainSuffix: 'cognitiveservices.azure.com',
    regionSuffix: 'api.cognitive.microsoft.com',
    isAccountInPath: false,
    dataPlaneScope: 'https://cognitiveservices.azure.com/.default',
    searchSuffix: 'search.windows.net',
    searchScope: 'https://search.azure.com/.default',
    appConfigurationAudience: 'https://appconfig.azure.com',
  },
  usGovernment: {
    name: 'usGovernment',
    resourceManagerEndpoint: 'https://management.usgovcloudapi.net',
    resourceManagerScope: 'https://management.usgovcloudapi.net/.default',
    authorityHost: 'https://login.microsoftonline.us',
    isChallengeResourceVerified: true,
    vaultSuffix: 'vault.usgovcloudapi.net',
    storageSuffix: 'core.usgovcloudapi.net',
    subdomainSuffix: 'cognitiveservices.azure.us',
    regionSuffix: 'api.cognitive.microsoft.us',
    isAccountInPath: false,
    dataPlaneScope: 'https://cognitiveservices.azure.us/.default',
    searchSuffix: 'search.azure.us',
    searchScope: 'https://search.azure.us/.default',
    appConfigurationAudience: 'https://appconfig.azure.us',
  },
  china: {
    name: 'china',
    resourceManagerEndpoint: 'https://management.chinacloudapi.cn',
    resourceManagerScope: 'https://management.chinacloudapi.cn/.default',
    authorityHost: 'https://login.chinacloudapi.cn',
    isChallengeResourceVerified: true,
    vaultSuffix: 'vault.azure.cn',
    storageSuffix: 'core.chinacloudapi.cn',
    subdomainSuffix: 'cognitiveservices.azure.cn',
    regionSuffix: 'api.cognitive.azure.cn',
    isAccountInPath: false,
    dataPlaneScope: 'https://cognitiveservices.azure.cn/.default',
    searchSuffix: 'search.azure.cn',
    searchScope: 'https://search.azure.cn/.default',
    appConfigurationAudience: 'https://appconfig.azure.cn',
  },
} as const satisfies Record<string, Cloud>;

/** A local Azure: its own Azure Resource Manager and authority, everything else as in the public cloud. */
export function localCloud(endpoints: Pick<Cloud, 'resourceManagerEndpoint' | 'authorityHost'>): Cloud {
  return { ...CLOUDS.public, ...endpoints, name: 'local', isChallengeResourceVerified: false, isAccountInPath: true };
}
