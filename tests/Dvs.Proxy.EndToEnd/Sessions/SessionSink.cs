using System.Text.Json;
using Dvs.Proxy.Pairing;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.EndToEnd.Sessions;

/// <summary>The program of the receiving node: runs until its standard input ends, or somebody kills it.</summary>
internal static class SessionSink
{
    public const string Verb = "session-sink";

    /// <summary>What it prints once it listens.</summary>
    public const string Ready = "ready";

    /// <param name="arguments">A <see cref="SinkArguments"/> as JSON.</param>
    public static async Task<int> RunAsync(string arguments)
    {
        var (settings, listen, connect, recordPath, killAt) = JsonSerializer.Deserialize<SinkArguments>(arguments)!;
        using var record = new DeliveryRecord(recordPath);
        using var device = new SinkDevice(record, killAt);
        using var proxy = new MultiNodeProxy(device, Options.Create(settings.CreateOptions(SessionSettings.SinkNode, listen, connect)));
        await proxy.StartAsync(CancellationToken.None);
        Console.WriteLine(Ready);
        await Console.In.ReadToEndAsync();
        await proxy.StopAsync(CancellationToken.None);
        return 0;
    }
}

/// <summary>Arguments of the sink; <paramref name="KillAt"/> is that of <see cref="SinkDevice"/>.</summary>
internal sealed record SinkArguments(SessionSettings Settings, NodePlace Listen, NodePlace Connect, string RecordPath, long KillAt = 0);
