using System.Buffers;

namespace Dvs.Proxy.Protocol.Frames;

/// <summary>
/// Frames that go straight into a buffer: a pipe, or an array. Advances it once for all frames of one room, since another may write nothing behind
/// what was advanced over. Behaviour: RoundTripTests, FrameWriterRoomTests.
/// </summary>
internal sealed class BufferSink(IBufferWriter<byte>? output, ulong firstNumber = 0) : FrameSink(firstNumber)
{
    private IBufferWriter<byte>? _output = output;
    private int _appended;

    public override bool KeepsFrames => false;

    /// <summary>Goes on in another output, or in none for now where it is null.</summary>
    public void Redirect(IBufferWriter<byte>? output)
    {
        Abandon();
        _output = output;
    }

    public override Memory<byte> GetRoom(int bytes)
    {
        ReleaseRoom();
        return (_output ?? throw new InvalidOperationException("There is no output to write frames to.")).GetMemory(bytes);
    }

    public override void Append(int length, int commands, bool isNumbered)
    {
        _appended += length;
        if (isNumbered)
        {
            NextNumber++;
        }
    }

    public override void ReleaseRoom()
    {
        if (_appended != 0)
        {
            _output!.Advance(_appended);
            _appended = 0;
        }
    }

    public override void Abandon() => _appended = 0;
}
