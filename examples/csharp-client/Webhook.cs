// A webhook of Event Grid, in Event Grid's schema. The subscription's filter names the secret.
using System.Net;
using System.Text.Json;

namespace CSharpClient;

static class Webhook
{
    /// <summary>Of a delivery of Event Grid.</summary>
    const int BytesMaximum = 1024 * 1024;

    /// <summary>Listens when it returns, until the process ends.</summary>
    public static void Start(int port, Action onEvent)
    {
        var listener = new HttpListener { Prefixes = { $"http://127.0.0.1:{port}/" } };
        listener.Start();
        _ = ServeAsync(listener, onEvent);
    }

    static async Task ServeAsync(HttpListener listener, Action onEvent)
    {
        while (true)
        {
            var context = await listener.GetContextAsync();
            try
            {
                await AnswerAsync(context, onEvent);
            }
            catch (Exception)
            {
                // Event Grid sends the events again.
                context.Response.Abort();
            }
        }
    }

    static async Task AnswerAsync(HttpListenerContext context, Action onEvent)
    {
        using var response = context.Response;
        if (context.Request.ContentLength64 is < 1 or > BytesMaximum)
        {
            response.StatusCode = (int)HttpStatusCode.BadRequest;
            return;
        }
        using var events = await JsonDocument.ParseAsync(context.Request.InputStream);
        foreach (var item in events.RootElement.EnumerateArray())
        {
            if (item.GetProperty("eventType").GetString() != "Microsoft.EventGrid.SubscriptionValidationEvent") continue;
            var validationResponse = item.GetProperty("data").GetProperty("validationCode").GetString();
            response.ContentType = "application/json";
            await JsonSerializer.SerializeAsync(response.OutputStream, new { validationResponse });
            return;
        }
        onEvent();
    }
}
