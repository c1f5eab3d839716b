// A Function App on Flex Consumption takes few properties of `siteConfig` and refuses the rest (HTTP 400, code 51021).
// Some regions still ignore them: Azure/terraform-azurerm-avm-res-web-site#353. Sources were read on 2026-11-30.
import { z } from 'zod';
import type { Planned } from './planned.ts';

/** Properties that Flex Consumption takes, each with its source. Add one only with its source. */
const TAKEN_PROPERTIES: Readonly<Record<string, string>> = {
  appSettings: 'Azure-Samples/azure-functions-flex-consumption-samples, IaC/bicep/core/host/function.bicep',
  minTlsVersion: 'terraform-provider-azurerm, azurerm_function_app_flex_consumption: minimum_tls_version',
  scmMinTlsVersion: 'terraform-provider-azurerm, azurerm_function_app_flex_consumption: scm_minimum_tls_version',
  http20Enabled: 'terraform-provider-azurerm, azurerm_function_app_flex_consumption: http2_enabled',
  ipSecurityRestrictions: 'terraform-provider-azurerm, azurerm_function_app_flex_consumption: ip_restriction',
  healthCheckPath: 'terraform-provider-azurerm, azurerm_function_app_flex_consumption: health_check_path',
  cors: 'terraform-provider-azurerm, azurerm_function_app_flex_consumption: cors',
};

/** App settings that Azure refuses or sets itself: learn.microsoft.com, functions-app-settings, Flex Consumption plan deprecations. */
const REFUSED_SETTINGS = [
  'ENABLE_ORYX_BUILD',
  'FUNCTIONS_EXTENSION_VERSION',
  'FUNCTIONS_WORKER_RUNTIME',
  'FUNCTIONS_WORKER_RUNTIME_VERSION',
  'SCM_DO_BUILD_DURING_DEPLOYMENT',
  'WEBSITE_CONTENTAZUREFILECONNECTIONSTRING',
  'WEBSITE_CONTENTSHARE',
  'WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT',
  'WEBSITE_NODE_DEFAULT_VERSION',
  'WEBSITE_RUN_FROM_PACKAGE',
  'WEBSITE_TIME_ZONE',
];

const flexSite = z.object({
  functionAppConfig: z.object({}),
  siteConfig: z.record(z.string(), z.unknown()).default({}),
});

/** The sentence of Azure: Azure/terraform-azurerm-avm-res-web-site#283. */
function sentence(what: string, path: string): string {
  return `The following ${what} (Site.SiteConfig.${path}) for Flex Consumption sites is invalid. Please remove or rename it before retrying.`;
}

export function refuseFlexConsumption({ resources }: Planned): string | undefined {
  const sites = resources.filter(({ type, properties }) => {
    return type === 'Microsoft.Web/sites' && flexSite.safeParse(properties).success;
  });
  for (const { id, properties } of sites) {
    const refused = Object.keys(flexSite.parse(properties).siteConfig).find((name) => !(name in TAKEN_PROPERTIES));
    if (refused !== undefined) return sentence('site configuration property', refused);
    const settings = resources.find((resource) => resource.id === `${id}/config/appsettings`)?.properties ?? {};
    const setting = Object.keys(settings).find((name) => REFUSED_SETTINGS.includes(name.toUpperCase()));
    if (setting !== undefined) return sentence('app setting', `AppSettings.${setting}`);
  }
  return undefined;
}
