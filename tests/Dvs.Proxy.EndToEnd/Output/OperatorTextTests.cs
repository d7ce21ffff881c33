using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Tool.Operator;
using Dvs.Proxy.Tool.Output;

namespace Dvs.Proxy.EndToEnd.Output;

/// <summary>What the operator's verbs print, with another number in every place.</summary>
public class OperatorTextTests
{
    [Theory]
    [InlineData(NodeFlags.SenderConnected, "the sender is connected, the receiver waits for the peer")]
    [InlineData(NodeFlags.ReceiverConnected, "the peer is connected to the receiver, the sender is not connected yet")]
    [InlineData(NodeFlags.SenderConnected | NodeFlags.ReceiverConnected, "connected both ways")]
    [InlineData(NodeFlags.Attached, "not connected to the peer")]
    public void A_node_has_what_was_sent_and_received_in_its_place(NodeFlags flags, string state) => Assert.Equal(
        $"""
        node 4 "four": up, {state}
          in DCs             1 3
          proxy pair         5
          commands           17 sent, 23 received

        """,
        Print(new OperatorAnswer
        {
            Nodes = [new NodeRecord(IsLocal: false, [1, 3], new NodeInfo { NodeId = 4, Name = "four", ProxyId = 5, Flags = flags, CommandsSent = 17, CommandsReceived = 23 })],
        }));

    [Theory]
    [InlineData(101, 102, "bound\n  sender             thread 101, connected\n  receiver           thread 102, not connected\n", false)]
    [InlineData(101, -1, "bound\n  sender             thread 101, connected\n  receiver           gone\n", true)]
    [InlineData(0, 102, "bound\n  sender             gone\n  receiver           thread 102, not connected\n", true)]
    [InlineData(-1, -1, "free: no proxy runs for it\n", true)]
    public void A_pair_that_has_lost_a_thread_is_known_by_either(int sender, int receiver, string text, bool hasLostThread)
    {
        var pair = new ProxyInfo(6, new ProcessInfo { LinuxProcessId = sender, MiscFlags = ProcessMiscFlags.Connected }, new ProcessInfo { LinuxProcessId = receiver });

        Assert.Equal($"proxy pair 6: {text}", Print(new OperatorAnswer { Proxies = [pair] }));
        Assert.Equal(hasLostThread, DriverReader.HasLostThread(pair));
    }

    private static string Print(OperatorAnswer answer)
    {
        using var text = new StringWriter();
        OperatorTextWriter.Write(text, answer);
        return text.ToString();
    }
}
