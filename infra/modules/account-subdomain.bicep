// Whether an account can have a private endpoint: it needs a custom subdomain. Refuses the deployment in a sentence if not,
// before the endpoint is made. It must not change the account.

@description('Name of the account, which is in the resource group of this deployment.')
param accountName string

resource account 'Microsoft.CognitiveServices/accounts@2024-10-01' existing = {
  name: accountName
}

// The sentence cannot name the account: the engine of the compiler leaves parameters open in an argument of `fail`.
var subdomain = account.properties.?customSubDomainName ?? fail('An account has no custom subdomain, so it can have no private endpoint. The command az cognitiveservices account list --query "[?!properties.customSubDomainName].id" finds it, az cognitiveservices account update --custom-domain <name> gives it one, for good.')

// Only the id. A module that uses it has made the deployment look at the subdomain.
output id string = '${account.id}${take(subdomain, 0)}'
