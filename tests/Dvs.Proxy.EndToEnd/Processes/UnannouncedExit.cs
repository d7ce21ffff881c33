using Dvs.Proxy.Configuration;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Tests.TestDoubles;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.EndToEnd.Processes;

/// <summary>A program with a running proxy that ends without a word to it, and prints what the driver was told meanwhile.</summary>
internal static class UnannouncedExit
{
    public const string Verb = "unannounced-exit";

    public const int Code = 7;

    /// <param name="way"><c>exit</c> ends here; anything else in the way of a program that is done.</param>
    public static async Task<int> RunAsync(string way)
    {
        var device = new ScriptedProxyDevice(0);
        var peer = new PeerOptions { Name = "node1", Host = "127.0.0.1", ProxyId = 1, ConnectPort = 9, ListenPort = 0, ListenHost = "127.0.0.1" };
        var proxy = new MultiNodeProxy(device, Options.Create(new ProxyOptions { Peers = { peer } }));
        await proxy.StartAsync(CancellationToken.None);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Console.WriteLine(string.Join('\n', device.Calls));
        if (way == "exit")
        {
            Environment.Exit(Code);
        }

        return Code;
    }
}
