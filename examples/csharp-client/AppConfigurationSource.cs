// Compiled with `-p:AppConfiguration=true` only, so that the other sources need no further package.
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.AzureAppConfiguration;

namespace CSharpClient;

static class AppConfigurationSource
{
    /// <summary>
    /// App Configuration's provider. It watches the flag, which the service sets last, and resolves the reference.
    /// The provider does not tell the version, so this source cannot be acknowledged.
    /// </summary>
    public static Func<Task<Key>> Create(Uri endpoint, string alias, Uri vault, TimeSpan refreshEvery)
    {
        var credential = new DefaultAzureCredential();
        var secrets = new SecretClient(vault, credential, Sources.OptionsFor(vault));
        IConfigurationRefresher? refresher = null;
        var configuration = new ConfigurationBuilder()
            .AddAzureAppConfiguration(options =>
            {
                options.Connect(endpoint, credential)
                    .Select($"{alias}:*")
                    .ConfigureKeyVault(vaults => vaults.Register(secrets))
                    .ConfigureRefresh(refresh => refresh
                        .Register($".appconfig.featureflag/{alias}-uses-key2", refreshAll: true)
                        .SetRefreshInterval(refreshEvery));
                refresher = options.GetRefresher();
            })
            .Build();
        return async () =>
        {
            await refresher!.RefreshAsync();
            return new Key(configuration[$"{alias}:Key"] ?? throw new KeyNotFoundException());
        };
    }
}
