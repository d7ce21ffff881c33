using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Pairing.Sending;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Tests.TestDoubles;
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
    private readonly SessionStream _stream;
    private ProxyConnection _connection = null!;

    public SessionStreamTests()
    {
        _context = PairContexts.Create(_device, TimeProvider.System, NullLogger.Instance, static peer =>
            (peer.UseSession, peer.MaxBatchCommands, peer.FrameDigest) = (true, 0, FrameDigestKind.None));
        _stream = new SessionStream(_context, static () => ControlMessage.Create(ControlType.LoadLevel, 0, 1, Now));
    }

    public async ValueTask InitializeAsync()
    {
        _connection = await new TcpTransport().ConnectAsync(new TransportEndpoint("127.0.0.1", _peer.Port), CancellationToken.None);
        await _peer.AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _stream.Dispose();
        _device.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public void Its_properties_change_only_when_the_replies_are_applied()
    {
        Open();
        Write(2);
        _peer.Acknowledge(1);
        Assert.False(_stream.HasProgressed || _stream.IsSettled);

        ApplyUntil(() => _stream.HasProgressed);
        Assert.False(_stream.IsSettled);
        _stream.Flush();
        Assert.Equal(0, _context.SenderCounters.Retransmitted);

        _peer.Acknowledge(2);
        ApplyUntil(() => _stream.IsSettled);
        _stream.Close(ConnectionEnd.Stopped, 0);
    }

    [Fact]
    public void An_acknowledgement_that_was_not_taken_before_the_end_is_taken_with_it()
    {
        Open();
        Write(1);
        _peer.Acknowledge(1);
        _peer.CloseSending();
        Eventually.True(() => _stream.HasEnded, "the end of the connection is noticed");

        Assert.Equal(ConnectionEndCause.PeerClosed, _stream.Close(ConnectionEnd.PeerClosed, 0).End.Cause);
        Assert.True(_stream.HasProgressed && _stream.IsSettled);
    }

    [Fact]
    public void The_room_for_the_next_command_is_given_back_with_the_connection()
    {
        Open();
        _stream.Writer.GetPayloadRoom();
        Assert.NotEqual(0, _stream.Window.MemoryHeld);

        _stream.Close(ConnectionEnd.Stopped, 0);

        Assert.Equal(0, _stream.Window.MemoryHeld);
    }

    [Fact]
    public void It_is_used_only_between_open_and_close()
    {
        Assert.Throws<BrokenInvariantException>(_stream.Flush);
        Open();
        Assert.Throws<BrokenInvariantException>(() => _stream.Open(_connection, static () => { }));
        Assert.Throws<BrokenInvariantException>(_stream.Abandon);
        _stream.Close(ConnectionEnd.Stopped, 0);
        Assert.Throws<BrokenInvariantException>(() => _stream.Close(ConnectionEnd.Stopped, 0));
        _stream.Abandon();
    }

    [Fact]
    public void Another_thread_than_the_first_is_noticed()
    {
        Open();
        Exception? fault = null;
        var thread = new Thread(() => fault = Record.Exception(_stream.Flush));
        thread.Start();
        thread.Join();
        Assert.IsType<BrokenInvariantException>(fault);
        _stream.Close(ConnectionEnd.Stopped, 0);
    }

    private void Open()
    {
        var answer = Task.Run(() => _peer.AnswerOpen(process: 7));
        Assert.Null(_stream.Open(_connection, static () => { }));
        Assert.True(answer.Wait(TimeSpan.FromSeconds(60)));
    }

    private void Write(int frames)
    {
        for (var number = 0; number < frames; number++)
        {
            _stream.Writer.Write(ScriptedNode.Message(0, 1, number), default);
        }

        _stream.Flush();
    }

    private void ApplyUntil(Func<bool> condition) => Eventually.True(
        () =>
        {
            _stream.WaitForReplies();
            _stream.ApplyReplies();
            return condition();
        },
        "the acknowledgement comes");
}
