using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Dvs.Proxy.EndToEnd.Sessions;
using Dvs.Proxy.Tests.Pairing.Receiving;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.EndToEnd.Crowd;

/// <summary>10,000 connections at once that say nothing, from another process: they are bounded, and keep no peer out.</summary>
[Collection(AloneCollection.Name)]
public sealed class IdleCrowdTests(ITestOutputHelper output)
{
    private const int Crowd = 10_000;

    // What the rest of a test process needs: assemblies, other tests.
    private const int OtherFiles = 1_000;

    private const int Refused = 401;

    [Fact]
    public async Task With_the_default_limits_a_few_are_held_and_the_others_make_room()
    {
        SkipUnlessAllowed("Max open files", Crowd + OtherFiles);
        await using var node = new ScriptedNode(0);
        var shared = LoopbackPort.Reserve(node.Address);
        node.AddPeer(1, "127.0.0.1", 9, shared);
        node.AddPeer(2, "127.0.0.1", 9, shared);
        await node.StartAsync();
        using var established = Enter(node, 1);
        var before = Sample.Take();
        await using var crowd = new CrowdProcess([new NodePlace(node.Address, shared)], Crowd, step: 50);
        var (open, mostThreads) = (0, 0);
        while (!crowd.IsComplete)
        {
            // Not faster than they are accepted: a full backlog makes the system drop a SYN and the client wait a second.
            open = await crowd.StepAsync();
            Eventually.True(() => node.Pair(1).Receiver.Refused >= crowd.Connected - node.Options.MaxPendingConnections, "the crowd is taken in", () => node.Log.All);
            mostThreads = Math.Max(mostThreads, Sample.Take().Threads);
        }

        Eventually.True(() => node.Pair(1).Receiver.Refused == Crowd - node.Options.MaxPendingConnections, "all but the last few are closed", () => node.Log.All);
        Assert.Equal(node.Options.MaxPendingConnections, await crowd.StepAsync());
        AssertServed(node, established, 2);
        var after = Sample.Take();
        output.WriteLine($"{Crowd} connections, {open} of them open at the end; {mostThreads - before.Threads} more threads at most; {before.Growth(after)}; {node.Log.Messages.Count} messages");
        Assert.InRange(mostThreads - before.Threads, -1000, 200); // other tests run, too
        Assert.InRange(after.Managed - before.Managed, long.MinValue, 64 << 20);
        Assert.True(node.Log.Contains("it had to make room for a newer one: too many connections have not yet said whose they are"), node.Log.All);
        Assert.True(node.Log.EventIds.Count(static id => id == Refused) < 200, "the log is throttled");
    }

    [Fact]
    public async Task With_the_highest_limits_all_are_held_at_once_and_peers_are_served()
    {
        // Each costs the listening process a descriptor, and no thread.
        SkipUnlessAllowed("Max open files", Crowd + OtherFiles);
        const int Listeners = 10;
        await using var node = new ScriptedNode(0);
        node.Options.MaxPendingConnections = node.Options.MaxPendingPerAddress = 1024;
        node.Options.HandshakeTimeout = TimeSpan.FromMinutes(10);
        node.Options.ShutdownTimeout = TimeSpan.FromSeconds(30);
        var places = new List<NodePlace>();
        for (var peer = 1; peer <= Listeners; peer++)
        {
            var options = node.AddPeer(peer, "127.0.0.1", 9);
            places.Add(new NodePlace(node.Address, options.ListenPort!.Value));
        }

        await node.StartAsync();
        var peers = Enumerable.Range(1, Listeners).Select(peer => Enter(node, peer)).ToList();
        var before = Sample.Take();
        await using var crowd = new CrowdProcess(places, Crowd, step: 200);
        var open = 0;
        while (!crowd.IsComplete)
        {
            open = await crowd.StepAsync();
            Eventually.True(() => Sample.Take().Descriptors - before.Descriptors >= crowd.Connected - OtherFiles, "the crowd is taken in", () => node.Log.All);
        }

        Eventually.True(() => Sample.Take().Descriptors - before.Descriptors >= Crowd - 100, "everybody is taken in", () => node.Log.All);
        Assert.Equal(Crowd, await crowd.StepAsync());
        var after = Sample.Take();
        output.WriteLine($"{Crowd} connections, {open} of them open at the end; {after.Threads - before.Threads} more threads, {after.Descriptors - before.Descriptors} more descriptors; {before.Growth(after)}");
        AssertServed(node, peers[0], 1);
        Assert.All(node.Proxy.GetStatus().Pairs, static pair => Assert.Equal(0, pair.Receiver.Refused));
        Assert.DoesNotContain(Refused, node.Log.EventIds);
        Assert.InRange(after.Threads - before.Threads, -1000, 200); // other tests run, too
        Assert.InRange(after.Managed - before.Managed, long.MinValue, 256 << 20);
        Assert.InRange(after.Resident - before.Resident, long.MinValue, 2L << 30);

        await crowd.KillAsync();
        Eventually.True(() => node.Proxy.GetStatus().Pairs.Sum(static pair => pair.Receiver.Refused) == Crowd, "everybody is seen to leave", () => node.Log.All);
        Assert.InRange(node.Log.EventIds.Count(static id => id == Refused), 1, Listeners * node.Options.LogBurst * 10);
        Assert.True(node.Log.Contains("it ended before its first header was complete (0 of 168 bytes)"), node.Log.All);
        peers.ForEach(static peer => peer.Dispose());
    }

    // A real peer's connection, which has brought its first command.
    private static Socket Enter(ScriptedNode node, int peer)
    {
        var delivered = node.Device.Delivered.Count;
        var socket = node.ConnectAs(peer);
        socket.Send(Frames.Message(peer, 0));
        Eventually.True(() => node.Device.Delivered.Count == delivered + 1, "a peer is connected", () => node.Log.All);
        return socket;
    }

    private static void AssertServed(ScriptedNode node, Socket established, int newcomer)
    {
        var delivered = node.Device.Delivered.Count;
        established.Send(Frames.Message(1, 0));
        Eventually.True(() => node.Device.Delivered.Count == delivered + 1, "the one that is in is served", () => node.Log.All);
        Enter(node, newcomer).Dispose();
    }

    private static void SkipUnlessAllowed(string limit, int needed)
    {
        Assert.SkipUnless(File.Exists("/proc/self/limits"), "Needs Linux.");
        var words = File.ReadLines("/proc/self/limits").First(line => line.StartsWith(limit, StringComparison.Ordinal))[limit.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var hard = int.TryParse(words[1], CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
        Assert.SkipWhen(hard < needed, $"The hard limit '{limit}' of this process is {hard}; {needed} are needed for {Crowd} connections.");
    }

    private readonly record struct Sample(int Threads, int Descriptors, long Managed, long Resident)
    {
        public static Sample Take()
        {
            using var self = Process.GetCurrentProcess();
            var line = File.ReadLines("/proc/self/status").First(static line => line.StartsWith("Threads:", StringComparison.Ordinal));
            return new Sample(
                int.Parse(line["Threads:".Length..], CultureInfo.InvariantCulture), Directory.GetFiles("/proc/self/fd").Length, GC.GetTotalMemory(forceFullCollection: false), self.WorkingSet64);
        }

        public string Growth(Sample after) => string.Create(
            CultureInfo.InvariantCulture,
            $"{(after.Managed - Managed) / 1024.0 / 1024:0.0} MiB more on the heap, {(after.Resident - Resident) / 1024.0 / 1024:0.0} MiB more resident, {(after.Resident - Resident) / 1024.0 / Crowd:0.0} KiB each");
    }
}
