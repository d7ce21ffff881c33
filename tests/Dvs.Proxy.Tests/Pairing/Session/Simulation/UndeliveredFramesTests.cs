using System.Buffers;
using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;

namespace Dvs.Proxy.Tests.Pairing.Session.Simulation;

/// <summary>Frames of which the peer has said, in closing, that it has not delivered them.</summary>
public sealed class UndeliveredFramesTests : IDisposable
{
    private readonly FrameWriter _writer;
    private readonly RetransmitWindow _window;

    public UndeliveredFramesTests()
    {
        var options = new FrameWriterOptions { Sequenced = true };
        _window = new RetransmitWindow(DataModel.Lp64, new RetransmitWindowOptions(1 << 20, 100, FrameWriter.LargestRoomOf(options)));
        _writer = new FrameWriter(options, _window);
    }

    public void Dispose()
    {
        _window.Dispose();
        _writer.Dispose();
    }

    [Fact]
    public void Are_of_known_fate_and_go_to_the_next_connection_unchanged()
    {
        Write(5);
        var sent = TakeAll();
        Assert.Equal(AcknowledgeResult.Ok, _window.Acknowledge(_window.OldestSequence + 1));
        Assert.Equal(3, _window.SentAndKept.Frames);

        _window.MarkUndelivered();

        Assert.Equal(0, _window.SentAndKept.Frames);
        Assert.Equal(0, _window.DropSent().Frames);
        Assert.Equal(3, _window.Kept.Frames);
        Assert.Equal(sent[^(3 * 168)..], TakeAll());
        Assert.Equal(3, _window.Retransmitted.Frames);
    }

    [Fact]
    public void Are_of_unknown_fate_again_once_they_were_sent_again()
    {
        Write(2);
        TakeAll();
        _window.MarkUndelivered();
        Write(1);
        TakeAll();
        Assert.Equal(3, _window.DropSent().Frames);
        Assert.True(_window.IsEmpty);
    }

    [Fact]
    public void Cannot_be_acknowledged_before_they_were_sent_again()
    {
        Write(2);
        TakeAll();
        _window.MarkUndelivered();
        Assert.Equal(AcknowledgeResult.BeyondSent, _window.Resume(_window.OldestSequence));
        TakeAll();
        Assert.Equal(AcknowledgeResult.Ok, _window.Acknowledge(_window.OldestSequence));
    }

    private void Write(int frames)
    {
        for (var frame = 0; frame < frames; frame++)
        {
            var header = new CommandHeader { Command = CommandCode.SendMessage, ProcessId = frame + 1 };
            _writer.Write(in header, default);
        }
    }

    private byte[] TakeAll()
    {
        var bytes = new ArrayBufferWriter<byte>();
        while (_window.TryTakeUnsent(out var piece))
        {
            bytes.Write(piece.Span);
        }

        return bytes.WrittenSpan.ToArray();
    }
}
