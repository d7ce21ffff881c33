using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Pairing.Receiving;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tests.TestDoubles.Logging;

namespace Dvs.Proxy.Tests.Pairing.Receiving;

/// <summary>A command that the driver refuses: whoever waits for it hears of it, once, and the log says which end is at fault.</summary>
public class RefusedCommandTests
{
    public static TheoryData<CommandCode, CommandCode> Requests => new()
    {
        { CommandCode.SendMessage, CommandCode.SendAck },
        { CommandCode.SendReceiveMessage, CommandCode.SendAck },
        { CommandCode.ReplyMessage, CommandCode.SendAck },
        { CommandCode.CopyOutRequest, CommandCode.CopyOutData },
        { CommandCode.CopyRemoteRequest, CommandCode.CopyRemoteAck },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public Task The_caller_of_a_session_is_told(CommandCode request, CommandCode answer) => Told(request, answer, session: true);

    [Theory]
    [MemberData(nameof(Requests))]
    public Task The_caller_on_a_classic_link_is_told(CommandCode request, CommandCode answer) => Told(request, answer, session: false);

    [Theory]
    [InlineData(CommandCode.SendReceiveMessage, DvkError.DestinationDied)]
    [InlineData(CommandCode.SendReceiveMessage, DvkError.TrapDenied)]
    [InlineData(CommandCode.SendAck, DvkError.NotBind)]
    [InlineData(CommandCode.NotifyMessage, DvkError.NotBind)]
    public async Task What_the_driver_answers_itself_or_nobody_waits_for_is_not_answered(CommandCode command, DvkError error)
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var first = a;
        await using var second = b;
        b.Device.OnPut = (in CommandHeader header, ReadOnlySpan<byte> _) => header.Message.Type == 1 ? error : DvkError.Ok;
        var header = ScriptedNode.Message(0, 1, 1);
        header.Command = command;
        a.Device.Enqueue(header);
        Eventually.True(() => b.Pair(0).Receiver.CommandErrors == 1, "it is refused", () => b.Log.All);

        // What comes after it would come behind an answer.
        b.Device.Enqueue(ScriptedNode.Message(1, 0, 9));
        Eventually.True(() => !a.Device.Delivered.IsEmpty, "the other direction goes on");

        Assert.Equal(9, Assert.Single(a.Device.Delivered).Header.Message.Type);
        Assert.Equal(0, b.Pair(0).Receiver.AnsweredErrors);
    }

    [Theory]
    [InlineData(40, false, "Its source, endpoint 40 of DC 0 on node 0, is not bound here as that node's: bind it here as a remote process (rmtbind), or set autobind YES for this peer.")]
    [InlineData(40, true, "autobind could not bind it: see whether its slot is held by another process.")]
    [InlineData(29, true, "autobind does not help, it serves endpoints above 29 only.")]
    public async Task The_log_says_what_is_not_bound_and_what_to_do(int source, bool autoBind, string advice)
    {
        var (a, b) = await ScriptedNode.StartPairAsync(peer => peer.AutoBind = autoBind);
        await using var first = a;
        await using var second = b;
        b.Device.OnBind = static _ => (DvkError.SlotUsed, 0);
        b.Device.OnPut = static (in CommandHeader _, ReadOnlySpan<byte> _) => DvkError.NotBind;
        var header = ScriptedNode.Message(0, 1, 1);
        header.SourceEndpoint = source;
        a.Device.Enqueue(header);

        Eventually.True(() => b.Log.Contains(advice), "the log gives advice", () => b.Log.All);
        Assert.True(b.Log.Contains("Its caller is told."), b.Log.All);
        Assert.False(b.Log.Contains("left out"), b.Log.All);
    }

    [Fact]
    public void A_wrong_endpoint_is_the_sources_or_the_destinations()
    {
        using var device = new ScriptedProxyDevice(0);
        var context = PairContexts.Create(device, TimeProvider.System, new CapturingLoggerFactory());
        var command = ScriptedNode.Message(1, 0, 1);

        device.OnProcessInfo = static number => new ProcessInfo { Number = number, Endpoint = number, NodeId = 1 };
        Assert.StartsWith("Its destination, endpoint 41 of DC 0", new DriverErrorAdvice(context, command, DvkError.Endpoint).ToString(), StringComparison.Ordinal);
        device.OnProcessInfo = static number => new ProcessInfo { Number = number, Endpoint = number + 1000, NodeId = 1 };
        Assert.StartsWith("Its source, endpoint 40 of DC 0", new DriverErrorAdvice(context, command, DvkError.Endpoint).ToString(), StringComparison.Ordinal);
        Assert.Contains("node add", new DriverErrorAdvice(context, command, DvkError.NodeNotInDc).ToString(), StringComparison.Ordinal);
        Assert.Equal("", new DriverErrorAdvice(context, command, DvkError.TrapDenied).ToString());
    }

    private static async Task Told(CommandCode request, CommandCode answer, bool session)
    {
        var (a, b) = await ScriptedNode.StartPairAsync(peer => peer.UseSession = session);
        await using var first = a;
        await using var second = b;
        b.Device.OnPut = static (in CommandHeader _, ReadOnlySpan<byte> _) => DvkError.NotBind;
        var header = ScriptedNode.Message(0, 1, 1);
        header.Command = request;
        a.Device.Enqueue(header);

        Eventually.True(() => !a.Device.Delivered.IsEmpty, "the answer comes", () => b.Log.All);
        var (told, _) = Assert.Single(a.Device.Delivered);
        Assert.Equal((answer, (int)DvkError.NotBind), (told.Command, told.ResultCode));
        Assert.Equal((header.DestinationEndpoint, header.SourceEndpoint, 1, 0), (told.SourceEndpoint, told.DestinationEndpoint, told.SourceNode, told.DestinationNode));
        Assert.Equal((1, 1), (b.Pair(0).Receiver.AnsweredErrors, b.Pair(0).Receiver.CommandErrors));
    }
}
