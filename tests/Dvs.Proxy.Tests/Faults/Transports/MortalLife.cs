using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Faults.Transports;

/// <summary>One life of a node that is restarted.</summary>
/// <param name="node">Its proxy and driver.</param>
/// <param name="transport">Its network.</param>
/// <param name="start">Number of the first command its driver has for the other node.</param>
internal sealed class MortalLife(ScriptedNode node, MortalTransport transport, int start)
{
    public ScriptedNode Node => node;

    public MortalTransport Transport => transport;

    public int Start => start;

    /// <summary>Number behind the last command its driver had; set when it ends.</summary>
    public int End { get; set; }

    /// <summary>What the survivor counted, because of the restart that began this life, as of unknown fate or possibly repeated.</summary>
    public long OpenBefore { get; set; }

    /// <summary>Commands its proxy took from its driver.</summary>
    public int Fetched => node.Device.Fetched(1);

    /// <summary>The numbers of the commands it was given, in order.</summary>
    public IReadOnlyList<int> Given => [.. node.Device.Delivered.Select(static item => item.Header.Message.Type)];

    public bool HasBeenGiven(int number) => node.Device.Delivered.LastOrDefault().Header.Message.Type == number && !node.Device.Delivered.IsEmpty;

    public override string ToString() => $"{node.Device.Delivered.Count} given, {Fetched} fetched from {start} on";
}
