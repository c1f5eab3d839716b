// Holds the key in use, and for a limited time the former key. Prints no key.
// One task looks at the source on each poll and on each event. A refused call causes one more look.
using System.Diagnostics;
using System.Net;
using System.Threading.Channels;

namespace CSharpClient;

/// <summary>A class, not a record: a record prints its values.</summary>
sealed class Key(string value, string? version = null)
{
    public string Value { get; } = value;

    /// <summary>Key Vault's; null if the source does not tell it.</summary>
    public string? Version { get; } = version;
}

sealed class RotatedKey
{
    /// <summary>A key that stays refused must not make each call of the application a call to the vault.</summary>
    static readonly TimeSpan LookAfterRefusalEvery = TimeSpan.FromSeconds(1);

    /// <summary>The built-in minimum overlap of the service. For so long the former key is valid.</summary>
    static readonly TimeSpan KeepFormerFor = TimeSpan.FromHours(25);

    readonly Func<Task<Key>> read;
    readonly TimeSpan pollEvery;
    readonly Func<string, Task>? acknowledge;
    readonly SemaphoreSlim looking = new(1);
    readonly Channel<bool> events =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    volatile Key inUse;
    Key? former;
    string? acknowledged;

    // Timestamps of the monotonic clock.
    long formerSince;
    long? lookedAfterRefusal;

    RotatedKey(Key first, Func<Task<Key>> read, TimeSpan pollEvery, Func<string, Task>? acknowledge)
    {
        (inUse, this.read, this.pollEvery, this.acknowledge) = (first, read, pollEvery, acknowledge);
        _ = FollowAsync();
    }

    /// <summary>
    /// Throws the source's error if there is no first key. <paramref name="pollEvery"/> may be
    /// <see cref="Timeout.InfiniteTimeSpan"/>: then only events and refusals cause looks.
    /// </summary>
    public static async Task<RotatedKey> StartAsync(
        Func<Task<Key>> read, TimeSpan pollEvery, Func<string, Task>? acknowledge = null) =>
        new(await read(), read, pollEvery, acknowledge);

    /// <summary>An event is only a hint: the look reads the truth.</summary>
    public void Notify() => events.Writer.TryWrite(true);

    /// <summary>Calls <paramref name="use"/>. After a 401 calls it once more, with another key.</summary>
    public async Task<HttpResponseMessage> CallAsync(Func<string, Task<HttpResponseMessage>> use)
    {
        var first = inUse;
        var response = await use(first.Value);
        if (response.StatusCode != HttpStatusCode.Unauthorized) return response;
        if (await AfterRefusalAsync(first) is not { } second) return response;
        response.Dispose();
        response = await use(second.Value);
        if (response.StatusCode == HttpStatusCode.Unauthorized) await LockedAsync(() => DropFormer(second));
        return response;
    }

    /// <summary>The newer key if there is one. Else the former key: a gateway node may learn of a new key late.</summary>
    async Task<Key?> AfterRefusalAsync(Key refused)
    {
        await looking.WaitAsync();
        try
        {
            if (inUse.Value == refused.Value && !(Age(lookedAfterRefusal) < LookAfterRefusalEvery))
            {
                lookedAfterRefusal = Stopwatch.GetTimestamp();
                await LookAsync();
            }
            DropFormer(refused);
            if (inUse.Value != refused.Value) return inUse;
            if (Age(formerSince) >= KeepFormerFor) former = null;
            return former;
        }
        finally
        {
            looking.Release();
        }
    }

    static TimeSpan? Age(long? since) => since is { } start ? Stopwatch.GetElapsedTime(start) : null;

    /// <summary>A former key that is refused may have been compromised: it must not live on here.</summary>
    void DropFormer(Key refused)
    {
        if (former?.Value == refused.Value) former = null;
    }

    async Task LookAsync()
    {
        try
        {
            var key = await read();
            if (key.Value != inUse.Value) (former, formerSince) = (inUse, Stopwatch.GetTimestamp());
            inUse = key;
        }
        catch (Exception error)
        {
            // The present key stays in use.
            Warn("The key could not be read", error);
        }
    }

    async Task FollowAsync()
    {
        while (true)
        {
            await AcknowledgeInUseAsync();
            using var poll = new CancellationTokenSource(pollEvery);
            try
            {
                await events.Reader.ReadAsync(poll.Token);
            }
            catch (OperationCanceledException)
            {
                // It is time for a poll.
            }
            await LockedAsync(LookAsync);
        }
    }

    /// <summary>Sends the version that is in use, again after each look until the service has received it.</summary>
    async Task AcknowledgeInUseAsync()
    {
        if (acknowledge is null || inUse.Version is not { } version || version == acknowledged) return;
        try
        {
            await acknowledge(version);
            acknowledged = version;
        }
        catch (Exception error)
        {
            Warn("The version could not be acknowledged", error);
        }
    }

    Task LockedAsync(Action action) => LockedAsync(() => { action(); return Task.CompletedTask; });

    async Task LockedAsync(Func<Task> action)
    {
        await looking.WaitAsync();
        try
        {
            await action();
        }
        finally
        {
            looking.Release();
        }
    }

    /// <summary>The error's name says enough: its text may be long, and may hold what should not be printed.</summary>
    static void Warn(string sentence, Exception error) => Console.Error.WriteLine($"{sentence}: {error.GetType().Name}.");
}
