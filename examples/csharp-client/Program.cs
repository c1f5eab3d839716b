// Detects the language of texts, with a key that is rotated while this program runs.
//
//     dotnet run rest-test Bonjour     one call
//     dotnet run detect                one call for each line, until `quit`
//
// README.md has the environment variables.
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CSharpClient;

// The service answers an acknowledgement after its work, which takes up to 20 seconds.
using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
http.DefaultRequestHeaders.UserAgent.ParseAdd("application/csharp-client");
try
{
    return await RunAsync();
}
catch (Exception error)
{
    Console.Error.WriteLine(SentenceOf(error));
    return 1;
}

async Task<int> RunAsync()
{
    if (args is not (["rest-test", ..] or ["detect"])) throw new UserError("Usage: dotnet run rest-test TEXT | detect");
    var key = await StartKeyAsync();
    if (args[0] == "rest-test")
    {
        Console.WriteLine(await DetectLanguageAsync(key, args.Length > 1 ? string.Join(' ', args[1..]) : "Hello"));
        return 0;
    }
    if (Optional("EVENTS_PORT") is { } port) Webhook.Start(int.Parse(port), key.Notify);
    Console.Write("text> ");
    while (await Console.In.ReadLineAsync() is { } line && line.Trim() != "quit")
    {
        if (line.Trim() is not "" and var text) Console.WriteLine(await AnswerToAsync(key, text));
        Console.Write("text> ");
    }
    return 0;
}

Task<RotatedKey> StartKeyAsync()
{
    var pollEvery = TimeSpan.FromSeconds(double.Parse(Optional("POLL_SECONDS") ?? "60"));
    if (Optional("LANGUAGE_KEY") is not null)
        return RotatedKey.StartAsync(Sources.AppServiceReference("LANGUAGE_KEY"), Timeout.InfiniteTimeSpan);
#if APP_CONFIGURATION
    if (Optional("ALIAS") is { } alias)
    {
        var (endpoint, vault) = (new Uri(Setting("APP_CONFIGURATION_ENDPOINT")), new Uri(Setting("KEY_VAULT_URL")));
        return RotatedKey.StartAsync(AppConfigurationSource.Create(endpoint, alias, vault, pollEvery), pollEvery);
    }
#endif
    var read = Sources.KeyVault(new Uri(Setting("KEY_VAULT_URL")), Setting("SECRET_NAME"));
    return RotatedKey.StartAsync(read, pollEvery, Optional("ACKNOWLEDGE_URL") is null ? null : AcknowledgeAsync);
}

// Tells the service that this program uses the version. With Entra, send a token in `Authorization` instead.
async Task AcknowledgeAsync(string version)
{
    using var request = new HttpRequestMessage(HttpMethod.Post, Setting("ACKNOWLEDGE_URL"));
    request.Headers.Add("x-functions-key", Optional("ACKNOWLEDGE_KEY") ?? "");
    request.Content = JsonContent.Create(new { consumer = Setting("ACKNOWLEDGE_AS"), version });
    using var response = await http.SendAsync(request);
    response.EnsureSuccessStatusCode();
}

async Task<string> DetectLanguageAsync(RotatedKey key, string text)
{
    var url = $"{Setting("ENDPOINT").TrimEnd('/')}/language/:analyze-text?api-version=2023-04-01";
    var body = new { kind = "LanguageDetection", analysisInput = new { documents = new[] { new { id = "1", text } } } };
    using var response = await key.CallAsync(async value =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = JsonContent.Create(body) };
        request.Headers.Add("Ocp-Apim-Subscription-Key", value);
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return await http.SendAsync(request, bound.Token);
    });
    if (response.StatusCode == HttpStatusCode.Unauthorized) throw new UserError("The key was refused (401).");
    if (response.StatusCode == HttpStatusCode.Forbidden)
        throw new UserError("The address of this machine was refused, or its right to call (403).");
    response.EnsureSuccessStatusCode();
    var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
    var document = answer.GetProperty("results").GetProperty("documents")[0];
    return document.GetProperty("detectedLanguage").GetProperty("name").GetString() ?? "unknown";
}

// Says what went wrong, and the console goes on.
async Task<string> AnswerToAsync(RotatedKey key, string text)
{
    try
    {
        return await DetectLanguageAsync(key, text);
    }
    catch (Exception error)
    {
        return SentenceOf(error);
    }
}

static string? Optional(string name) => Environment.GetEnvironmentVariable(name);

static string Setting(string name) => Optional(name) ?? throw new UserError($"Set {name}.");

static string SentenceOf(Exception error) =>
    error is UserError ? error.Message : $"It did not work: {error.GetType().Name}.";

/// <summary>Its message is one sentence for the user.</summary>
sealed class UserError(string message) : Exception(message);
