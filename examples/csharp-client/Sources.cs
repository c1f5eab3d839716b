// Where the key comes from. Each method returns a function that reads the key in use.
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;

namespace CSharpClient;

static class Sources
{
    /// <summary>Key Vault's SDK: the newest version of the secret.</summary>
    public static Func<Task<Key>> KeyVault(Uri vault, string secretName)
    {
        var client = new SecretClient(vault, new DefaultAzureCredential(), OptionsFor(vault));
        return async () =>
        {
            KeyVaultSecret secret = await client.GetSecretAsync(secretName);
            return new Key(secret.Value, secret.Properties.Version);
        };
    }

    /// <summary>
    /// Nothing to do: App Service puts the secret's value into the setting, and restarts the app with a new value.
    /// </summary>
    public static Func<Task<Key>> AppServiceReference(string setting) =>
        () => Task.FromResult(new Key(Environment.GetEnvironmentVariable(setting)!));

    public static SecretClientOptions OptionsFor(Uri vault) => new()
    {
        // A vault on this machine does not live under the domain that its challenge names.
        DisableChallengeResourceVerification = vault.Host == "localhost",
        // The SDK's own bounds are minutes. One look must not keep the other callers waiting for so long.
        Retry = { MaxRetries = 1, NetworkTimeout = TimeSpan.FromSeconds(10) },
    };
}
