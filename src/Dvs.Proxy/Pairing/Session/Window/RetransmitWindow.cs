using System.Buffers;
using System.Globalization;
using Dvs.Proxy.Pairing.Sending;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session.Window;

/// <summary>
/// The frames of a sender that the peer has not acknowledged yet. The frame writer writes them right into it, the connection takes them out
/// of it uncopied, and after a broken connection they are taken out again, byte for byte the same. Memory is pooled, in chunks that go back
/// as soon as all their frames are acknowledged; an empty window holds none, but for the room that a frame writer has asked for. One owner:
/// the sender thread. Acknowledgements that another thread reads come through an <see cref="AcknowledgementMailbox"/>.
/// </summary>
internal sealed partial class RetransmitWindow : IFrameSink, IDisposable
{
    // A frame does not cross the end of a chunk: large ones waste less there and split fewer writes, small windows want small ones.
    private const int SmallestChunk = 64 * 1024;
    private const int LargestChunk = 512 * 1024;

    private readonly SequenceSpace _space;
    private readonly ulong _firstNumber;
    private readonly long _maxFrames;
    private readonly long _mostBytes;
    private readonly int _chunkSize;
    private ChunkQueue _chunks;
    private FrameRing _frames;

    // Ordinals count frames since the window was made; they never wrap.
    private long _head;
    private long _sessionSent;
    private long _everSent;
    private long _mayHaveArrived;
    private long _cursor;
    private long _tail;
    private ulong _headSequence;
    private ulong _nextSequence;
    private long _releasedCommands;
    private long _releasedBytes;
    private long _committedCommands;
    private long _committedBytes;
    private int _uncommitted;
    private bool _isReserved;

    public RetransmitWindow(DataModel model, RetransmitWindowOptions options, ArrayPool<byte>? pool = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxFrames, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxBytes, options.LargestRoom);
        _space = new SequenceSpace(model);
        _maxFrames = options.MaxFrames;
        QuarterBytes = options.MaxBytes / 4;
        _mostBytes = options.MaxBytes - options.LargestRoom;
        _chunkSize = (int)Math.Clamp(options.MaxBytes / 8, SmallestChunk, LargestChunk);
        _chunks = new ChunkQueue(pool ?? ArrayPool<byte>.Shared);
        _headSequence = _nextSequence = options.FirstSequence;
        _firstNumber = options.FirstSequence;
    }

    /// <summary>A quarter of the most bytes kept: the peer acknowledges so much at once.</summary>
    public long QuarterBytes { get; }

    /// <summary>All that is kept.</summary>
    public FrameTotals Kept => new(_tail - _head, _committedCommands - _releasedCommands, _committedBytes - _releasedBytes);

    /// <summary>True while everything was acknowledged.</summary>
    public bool IsEmpty => _head == _tail;

    /// <summary>True while the frames of one more turn of the frame writer fit. False stops the fetching of commands.</summary>
    public bool HasRoom =>
        _tail - _head + 2 <= _maxFrames && _committedBytes - _releasedBytes <= _mostBytes;

    /// <summary>True while there are frames that this connection was not given yet.</summary>
    public bool HasUnsent => _cursor != _tail;

    /// <summary>Oldest sequence kept; the next one if none is.</summary>
    public ulong OldestSequence => _headSequence;

    /// <summary>Sequence of the next frame to be committed.</summary>
    public ulong NextSequence => _nextSequence;

    /// <summary><see cref="OldestSequence"/>, 64 bits wide in either data model.</summary>
    public ulong OldestNumber => _firstNumber + (ulong)_head;

    /// <summary><see cref="NextSequence"/>, 64 bits wide in either data model.</summary>
    public ulong NextNumber => _firstNumber + (ulong)_tail;

    /// <summary>The last sequence acknowledged.</summary>
    public ulong Acknowledged => _space.Previous(_headSequence);

    /// <summary>Frames given to a connection more than once, in total.</summary>
    public FrameTotals Retransmitted { get; private set; }

    /// <summary>Bytes of pooled memory held.</summary>
    public long MemoryHeld => _chunks.Capacity;

    /// <summary>
    /// Takes the next frames for the connection: as many as lie in one piece. They count as sent from now on; the memory stays good until
    /// they are acknowledged, so it must be written out before the next acknowledgement is applied.
    /// </summary>
    public bool TryTakeUnsent(out ReadOnlyMemory<byte> piece)
    {
        if (_cursor == _tail)
        {
            piece = default;
            return false;
        }

        var index = ChunkOf(_cursor);
        ref var chunk = ref _chunks[index];
        var end = index + 1 < _chunks.Count ? Math.Min(_chunks[index + 1].FirstFrame, _tail) : _tail;
        ref readonly var first = ref _frames[_cursor];
        ref readonly var last = ref _frames[end - 1];
        piece = chunk.Memory.AsMemory(first.Offset, last.Offset + last.Length - first.Offset);
        if (_cursor < _everSent)
        {
            Retransmitted += Between(_cursor, Math.Min(end, _everSent));
        }

        _cursor = end;
        _sessionSent = Math.Max(_sessionSent, end);
        _everSent = Math.Max(_everSent, end);
        _mayHaveArrived = Math.Max(_mayHaveArrived, end);
        return true;
    }

    /// <summary>The peer has delivered all up to <paramref name="sequence"/> on this connection: lets go of them.</summary>
    public AcknowledgeResult Acknowledge(ulong sequence) => Acknowledge(sequence, _cursor);

    /// <summary>
    /// A new connection: the peer has delivered all up to <paramref name="sequence"/>, the rest is to be sent again, from the oldest on.
    /// </summary>
    public AcknowledgeResult Resume(ulong sequence)
    {
        var result = Acknowledge(sequence, _sessionSent);
        Rewind();
        return result;
    }

    /// <summary>What is kept is to be sent again on the next connection, from the oldest on.</summary>
    public void Rewind() => _cursor = _head;

    /// <summary>A new session: nothing of it was sent yet, all that is kept belongs to it.</summary>
    public void StartSession() => _cursor = _sessionSent = _head;

    /// <summary>What is kept and was given to a connection, so that its fate is unknown.</summary>
    public FrameTotals SentAndKept => _mayHaveArrived > _head ? Between(_head, _mayHaveArrived) : default;

    /// <summary>The peer says that nothing of what is kept was delivered, or is going to be: as if it had never been sent.</summary>
    public void MarkUndelivered() => _cursor = _sessionSent = _mayHaveArrived = _head;

    /// <summary>Drops the frames of <see cref="SentAndKept"/>; those that cannot have been delivered stay.</summary>
    public FrameTotals DropSent() => Drop(Math.Max(_mayHaveArrived, _head));

    /// <summary>Drops all frames, sent or not.</summary>
    public FrameTotals DropAll() => Drop(_tail);

    /// <summary>The whole state in one line, for logs and for exploring the state space.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"frames {_headSequence}+{_tail - _head}: unsent from {_cursor - _head}, "
        + $"sent in this session to {_sessionSent - _head}, ever to {_everSent - _head}, perhaps arrived to {_mayHaveArrived - _head}");

    /// <summary>Gives all memory back. The window is empty afterwards.</summary>
    public void Dispose()
    {
        _uncommitted = 0;
        DropAll();
        ReleaseRoom();
        _frames.Release();
    }

    private AcknowledgeResult Acknowledge(ulong sequence, long sent)
    {
        var count = _space.Distance(_headSequence, sequence) + 1;
        if (count < 0)
        {
            return AcknowledgeResult.Backwards;
        }

        if (count > sent - _head)
        {
            return AcknowledgeResult.BeyondSent;
        }

        if (count > 0)
        {
            Release(_head + count);
        }

        return AcknowledgeResult.Ok;
    }

    private FrameTotals Drop(long end)
    {
        var dropped = end == _head ? default : Between(_head, end);
        if (end > _head)
        {
            Release(end);
        }

        _cursor = Math.Max(_cursor, _head);
        _sessionSent = Math.Max(_sessionSent, _head);
        _everSent = Math.Max(_everSent, _head);
        _mayHaveArrived = Math.Max(_mayHaveArrived, _head);
        return dropped;
    }

    private void Release(long end)
    {
        ref readonly var last = ref _frames[end - 1];
        _releasedCommands += last.CommandsThrough - (uint)_releasedCommands;
        _releasedBytes += last.BytesThrough - (uint)_releasedBytes;
        _headSequence = _space.Add(_headSequence, end - _head);
        _head = end;
        ReturnUnused();
        if (_head == _tail)
        {
            _frames.Trim();
        }
    }

    private FrameTotals Between(long first, long end)
    {
        ref readonly var from = ref _frames[first];
        ref readonly var to = ref _frames[end - 1];
        var before = first == _head ? (uint)_releasedCommands : _frames[first - 1].CommandsThrough;
        return new FrameTotals(end - first, to.CommandsThrough - before, to.BytesThrough - from.BytesThrough + (uint)from.Length);
    }

    private int ChunkOf(long frame)
    {
        var index = _chunks.Count - 1;
        while (_chunks[index].FirstFrame > frame)
        {
            index--;
        }

        return index;
    }
}
