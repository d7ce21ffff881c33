using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>Runs a scenario on two node processes: node 0 sends, the other process is all its peers.</summary>
internal sealed class ScenarioRunner(NodeProcess sender, NodeProcess receiver, EndToEndOptions options, LineProcess? line)
{
    private static readonly TimeSpan Standstill = TimeSpan.FromSeconds(20);

    /// <summary>Starts proxies on both sides and waits until all pairs are connected; nothing flows yet.</summary>
    public void Start(Scenario scenario)
    {
        var ports = FreePorts(2 * scenario.Peers);
        List<NodePair> here = [], there = [];
        for (var peer = 1; peer <= scenario.Peers; peer++)
        {
            var (atNode0, atPeer) = (ports[(2 * peer) - 2], ports[(2 * peer) - 1]);
            here.Add(new NodePair(0, peer, atNode0, line?.PortTo(atPeer) ?? atPeer));
            there.Add(new NodePair(peer, 0, atPeer, line?.PortTo(atNode0, isBack: true) ?? atNode0));
        }

        NodeProcess.AskBoth(
            sender, new NodeRequest(NodeVerb.Start) { Start = Plan(scenario, sends: true, here) },
            receiver, new NodeRequest(NodeVerb.Start) { Start = Plan(scenario, sends: false, there) });
        line?.Close();
    }

    /// <summary>Lets the commands flow, and warm up.</summary>
    public void Open(Scenario scenario)
    {
        if (scenario.Both)
        {
            receiver.Ask(NodeVerb.Open);
        }

        sender.Ask(NodeVerb.Open);
        Thread.Sleep(TimeSpan.FromSeconds(options.WarmSeconds));
    }

    /// <summary>What both saw over some time; further on, until so many commands have passed.</summary>
    public (NodeReply Sender, NodeReply Receiver) Measure(double seconds, long commands = 0) =>
        NodeProcess.AskBoth(sender, receiver, new NodeRequest(NodeVerb.Measure) { Seconds = seconds, Commands = commands });

    /// <summary>Ends the flow, waits until everything has arrived, and stops. Throws if anything is missing or wrong.</summary>
    public void Finish(Scenario scenario)
    {
        NodeProcess.AskBoth(sender, receiver, new NodeRequest(NodeVerb.Close));
        NodeReply first, second;
        var moved = Stopwatch.GetTimestamp();
        long before = -1;
        do
        {
            Thread.Sleep(10);
            (first, second) = NodeProcess.AskBoth(sender, receiver, new NodeRequest(NodeVerb.Count));
            var arrived = first.Received + second.Received;
            moved = arrived == before ? moved : Stopwatch.GetTimestamp();
            before = arrived;
            if (Stopwatch.GetElapsedTime(moved) > Standstill)
            {
                throw new InvalidOperationException(
                    $"{scenario.Name}: commands are missing. Sent {first.Sent:N0} and received {second.Received:N0} one way, {second.Sent:N0} and {first.Received:N0} the other, "
                    + $"and nothing more for {Standstill.TotalSeconds} s.\n{first.Status}\n{second.Status}");
            }
        }
        while (first.Sent != second.Received || second.Sent != first.Received);
        NodeProcess.AskBoth(sender, receiver, new NodeRequest(NodeVerb.Stop));
        if (first.Errors + second.Errors > 0)
        {
            throw new InvalidOperationException($"{scenario.Name}: {first.Errors + second.Errors} commands came in a wrong order or with wrong content.");
        }
    }

    /// <summary>One round of ours.</summary>
    public (NodeReply Sender, NodeReply Receiver) Run(Scenario scenario)
    {
        Start(scenario);
        Open(scenario);
        var result = Measure(options.Seconds);
        Finish(scenario);
        return result;
    }

    private NodeStart Plan(Scenario scenario, bool sends, List<NodePair> pairs) =>
        new(scenario.Flow, sends, new LinkOptions(scenario.Batch, scenario.Compress, scenario.Session, scenario.Digest, scenario.Unix) { Spin = options.ProxySpin }, options.Spin, pairs);

    // All are taken before the first is given back, so they differ. Somebody may take one before the proxy does; then it says so.
    internal static int[] FreePorts(int count)
    {
        var sockets = new Socket[count];
        for (var index = 0; index < count; index++)
        {
            sockets[index] = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            sockets[index].Bind(new IPEndPoint(IPAddress.Loopback, 0));
        }

        int[] ports = [.. sockets.Select(static socket => ((IPEndPoint)socket.LocalEndPoint!).Port)];
        Array.ForEach(sockets, static socket => socket.Dispose());
        return ports;
    }
}
