// The Function App on Flex Consumption and every setting that it has. The host reaches its storage with the identity.
// It must not hold a secret: what signs notifications is a reference. Their address may be one as well.

param name string
param planName string
param location string
param tags object

param identityId string
param identityClientId string
param storageAccountName string
param blobEndpoint string
param queueEndpoint string
param tableEndpoint string
param packageContainerUrl string
param applicationInsightsConnectionString string
param keyVaultUrl string
param appConfigurationEndpoint string

@description('NCRONTAB with six fields, seconds first, UTC.')
param schedule string

@description('NCRONTAB with six fields, seconds first, UTC.')
param discoverySchedule string

@description('API versions that probes try first; empty: the built-in versions.')
param probeApiVersions string
param formerInstallation string

@description('Where people read the runbook; unless it is an https address, the status page links to none.')
param runbookUrl string

@description('Kinds of holders and where they are searched; empty: none is.')
param holders string

@description('Application (client) id in Microsoft Entra that callers ask tokens for; empty: function keys.')
param entraClientId string

@description('Version of the tokens that the registration issues: each version has an issuer of its own.')
param entraTokenVersion '1' | '2'

@description('Address of the webhook that takes notifications, or a reference to it in Key Vault; empty: nobody is notified.')
@secure()
param notificationUrl string

@description('URI of the Key Vault secret that signs notifications; empty: nobody is notified.')
param notificationSecretUri string

param nodeVersion '22' | '24'
param publicNetworkAccess 'Enabled' | 'Disabled'

@description('Where traces, metrics and logs go as well, over OTLP/HTTP; empty: nowhere.')
param otlpEndpoint string

@description('Subnet for outgoing traffic, delegated to Microsoft.App/environments; empty: none.')
param integrationSubnetId string

// The names that the service gives the clouds; see AZURE_CLOUD in docs/configuration.md.
var clouds = {
  AzureCloud: 'public'
  AzureUSGovernment: 'usGovernment'
  AzureChinaCloud: 'china'
}

var issuersOfVersion1 = {
  AzureCloud: 'https://sts.windows.net/'
  AzureUSGovernment: 'https://sts.windows.net/'
  AzureChinaCloud: 'https://sts.chinacloudapi.cn/'
}

// All of them, held equal to what the service reads by a test. Flex Consumption itself sets the runtime.
var settings = {
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  // Alerts are asked of the log lines, so none may be left out to save volume: neither by the telemetry mode that
  // host.json names, which drops the lines of an invocation that is not sampled, nor without it.
  OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage'
  OTEL_TRACES_SAMPLER_ARG: '1.0'
  AzureFunctionsJobHost__logging__applicationInsights__samplingSettings__excludedTypes: 'Request;Trace;Exception'
  OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf'
  AzureWebJobsStorage__accountName: storageAccountName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__blobServiceUri: blobEndpoint
  AzureWebJobsStorage__queueServiceUri: queueEndpoint
  AzureWebJobsStorage__tableServiceUri: tableEndpoint
  KEY_VAULT_URL: keyVaultUrl
  APP_CONFIGURATION_ENDPOINT: appConfigurationEndpoint
  RECORD_TABLE_ENDPOINT: tableEndpoint
  RECORD_TABLE_NAME: 'KeyRotation'
  AZURE_CLIENT_ID: identityClientId
  RECONCILE_SCHEDULE: schedule
  DISCOVERY_SCHEDULE: discoverySchedule
  AUTHORIZATION: empty(entraClientId) ? 'functionKey' : 'entra'
  AZURE_CLOUD: clouds[environment().name]
  PROBE_API_VERSIONS: probeApiVersions
  FORMER_INSTALLATION: formerInstallation
  HOLDERS: holders
  NOTIFICATION_URL: notificationUrl
  // A reference: the secret itself stays in the vault.
  NOTIFICATION_SECRET: empty(notificationSecretUri) ? '' : '@Microsoft.KeyVault(SecretUri=${notificationSecretUri})'
  RUNBOOK_URL: startsWith(runbookUrl, 'https://') ? runbookUrl : ''
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'rotator' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    publicNetworkAccess: publicNetworkAccess
    virtualNetworkSubnetId: empty(integrationSubnetId) ? null : integrationSubnetId
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'node', version: nodeVersion }
      // One instance is enough for the timer; more of them serve calls and events.
      scaleAndConcurrency: { maximumInstanceCount: 40, instanceMemoryMB: 2048 }
    }
  }

  resource settingsOfApp 'config' = {
    name: 'appsettings'
    properties: settings
    // The service must not believe who a caller is said to be before the platform vouches for it.
    dependsOn: [authentication]
  }

  // No publishing with user name and password.
  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }
}

// Only with it in front may the service trust who a caller is said to be. Event Grid's deliveries carry the host's own key.
resource authentication 'Microsoft.Web/sites/config@2024-04-01' = if (!empty(entraClientId)) {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      // The page holds no data, and links to the sign-in.
      excludedPaths: ['/runtime/webhooks/EventGrid', '/api/page']
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: entraClientId
          openIdIssuer: entraTokenVersion == '2' ? '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0' : '${issuersOfVersion1[environment().name]}${tenant().tenantId}/'
        }
        // Tokens of version 2 name the client id, those of version 1 the URI that the caller asked for.
        validation: { allowedAudiences: [entraClientId, 'api://${entraClientId}'] }
      }
    }
  }
}

output id string = app.id
output name string = app.name
output hostName string = app.properties.defaultHostName
