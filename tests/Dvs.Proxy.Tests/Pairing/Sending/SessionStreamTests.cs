using System.Buffers;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Pairing.Sending;
using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tests.Transport;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tcp;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dvs.Proxy.Tests.Pairing.Sending;

/// <summary>A sender's end of a session on one connection: what it does with acknowledgements and memory, and when.</summary>
public sealed class SessionStreamTests : IAsyncLifetime
{
    private static readonly Timestamp Now = new(1, 1);

    private readonly ScriptedReceiver _peer = new();
    private readonly ScriptedProxyDevice _device = new(0);
    private readonly PairContext _context;
    private readonly SessionStream _link;
    private ProxyConnection _connection = null!;

    public SessionStreamTests()
    {
        _context = PairContexts.Create(_device, TimeProvider.System, NullLogger.Instance, static peer => peer.UseSession = true);
        _link = new SessionStream(_context, static () => ControlMessage.Create(ControlType.LoadLevel, 0, 1, Now));
    }

    public async Task InitializeAsync()
    {
        _connection = await new TcpTransport().ConnectAsync(new TransportEndpoint("127.0.0.1", _peer.Port), CancellationToken.None);
        await _peer.AcceptAsync();
        var begun = Patience.OnThread(() => _link.Begin(_connection));
        _peer.AnswerOpen(process: 7);
        Assert.Null(await begun.Soon());
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        _link.Dispose();
        _device.Dispose();
        _peer.Dispose();
    }

    // Taken as a late one, it would have what is under way sent again.
    [Fact]
    public void An_acknowledgement_of_the_connection_in_use_is_no_late_one()
    {
        for (var number = 0; number < 2; number++)
        {
            _link.Writer.Write(_link.Frames, ScriptedNode.Message(0, 1, number), default);
        }

        _link.Flush();
        Acknowledge(1);
        Assert.False(_link.HasProgressed);
        Assert.False(_link.IsSettled);
        Assert.True(_link.HasProgressed);
        _link.Flush();
        Assert.Equal(0, _context.SenderCounters.Retransmitted);
        Acknowledge(2);
        Assert.True(_link.IsSettled);
    }

    [Fact]
    public void An_acknowledgement_that_was_not_taken_before_the_end_is_taken_after_it()
    {
        _link.Writer.Write(_link.Frames, ScriptedNode.Message(0, 1, 1), default);
        _link.Flush();
        Acknowledge(1);
        _link.End(0);
        Assert.True(_link.HasProgressed);
        Assert.True(((RetransmitWindow)_link.Frames).IsEmpty);
    }

    [Fact]
    public void The_room_for_the_next_command_is_given_back_with_the_connection()
    {
        var window = (RetransmitWindow)_link.Frames;
        _link.Writer.GetPayloadRoom(_link.Frames);
        Assert.NotEqual(0, window.MemoryHeld);
        _link.End(0);
        Assert.Equal(0, window.MemoryHeld);
    }

    private void Acknowledge(ulong sequence)
    {
        var bytes = new ArrayBufferWriter<byte>();
        SessionMessage.WriteFrame(bytes, _context.Layout, SessionMessage.CreateAcknowledgement(sequence, 1, 0, Now));
        var input = new ReadOnlySequence<byte>(bytes.WrittenMemory);
        Assert.Null(_link.TryConsume(ref input));
    }
}
