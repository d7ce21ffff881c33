using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session.Window;

/// <summary>
/// Owns the frames of a sender that the peer has not acknowledged yet, and their numbers. The frame writer writes them right into it, the connection
/// takes them out of it uncopied, and after a broken connection they are taken out again, byte for byte the same. Memory is pooled, in chunks
/// that go back as soon as all their frames are acknowledged; an empty window holds none, but for the room that a frame writer has asked for.
/// Sender thread only. Behaviour: RetransmitWindowTests, WindowBoundTests, SessionExplorationTests.
/// </summary>
/// <remarks>
/// Ordinals count frames since the window was made and never wrap. Between calls
/// <c>head &lt;= cursor &lt;= sent in this session &lt;= ever sent &lt;= tail</c> and <c>head &lt;= perhaps arrived &lt;= ever sent</c>: what is kept
/// lies between head and tail, what this connection was not given yet between cursor and tail.
/// </remarks>
internal sealed class RetransmitWindow : FrameSink, IDisposable
{
    // A frame does not cross the end of a chunk: large ones waste less there and split fewer writes, small windows want small ones.
    private const int SmallestChunk = 64 * 1024;
    private const int LargestChunk = 512 * 1024;

    private readonly SequenceSpace _space;
    private readonly ulong _firstNumber;
    private readonly long _maxFrames;
    private readonly long _highestLimit;
    private long _mostBytes;
    private readonly int _chunkSize;
    private ChunkQueue _chunks;
    private FrameRing _frames;
    private ThreadOwner _owner;
    private long _head;
    private long _sessionSent;
    private long _everSent;
    private long _mayHaveArrived;
    private long _cursor;
    private long _releasedCommands;
    private long _releasedBytes;
    private long _appendedCommands;
    private long _appendedBytes;
    private bool _isReserved;

    public RetransmitWindow(DataModel model, RetransmitWindowOptions options, ArrayPool<byte>? pool = null)
        : base(options.FirstSequence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxFrames, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxBytes, options.LargestRoom);
        _space = new SequenceSpace(model);
        _maxFrames = options.MaxFrames;
        QuarterBytes = options.MaxBytes / 4;
        _mostBytes = _highestLimit = options.MaxBytes - options.LargestRoom;
        _chunkSize = (int)Math.Clamp(options.MaxBytes / 8, SmallestChunk, LargestChunk);
        _chunks = new ChunkQueue(pool ?? ArrayPool<byte>.Shared);
        _firstNumber = options.FirstSequence;
    }

    /// <summary>A quarter of the most bytes kept: the peer acknowledges so much at once.</summary>
    public long QuarterBytes { get; }

    /// <summary>All that is kept.</summary>
    public FrameTotals Kept => new(Tail - _head, _appendedCommands - _releasedCommands, _appendedBytes - _releasedBytes);

    /// <summary>All bytes that were ever put in.</summary>
    public long AppendedBytes => _appendedBytes;

    /// <summary>All bytes that were ever let go of.</summary>
    public long ReleasedBytes => _releasedBytes;

    /// <summary>
    /// Bytes kept from which on there is no room; what one turn of the frame writer adds may come on top. Never more than the options allow.
    /// </summary>
    public long LimitBytes
    {
        get => _mostBytes;
        set => _mostBytes = Math.Min(value, _highestLimit);
    }

    /// <summary>True while everything was acknowledged.</summary>
    public bool IsEmpty => _head == Tail;

    /// <summary>True while the frames of one more turn of the frame writer fit. False stops the fetching of commands.</summary>
    public bool HasRoom =>
        Tail - _head + 2 <= _maxFrames && _appendedBytes - _releasedBytes <= _mostBytes;

    /// <summary>True while there are frames that this connection was not given yet.</summary>
    public bool HasUnsent => _cursor != Tail;

    /// <summary>Oldest sequence kept; the next one if none is.</summary>
    public ulong OldestSequence => _space.Wrap(OldestNumber);

    /// <summary>Sequence of the next frame: what of its number goes on the wire.</summary>
    public ulong NextSequence => _space.Wrap(NextNumber);

    /// <summary><see cref="OldestSequence"/>, 64 bits wide in either data model.</summary>
    public ulong OldestNumber => _firstNumber + (ulong)_head;

    /// <inheritdoc/>
    public override bool KeepsFrames => true;

    /// <summary>The last sequence acknowledged.</summary>
    public ulong Acknowledged => _space.Previous(OldestNumber);

    /// <summary>Frames given to a connection more than once, in total.</summary>
    public FrameTotals Retransmitted { get; private set; }

    /// <summary>Bytes of pooled memory held.</summary>
    public long MemoryHeld => _chunks.Capacity;

    /// <inheritdoc/>
    public override Memory<byte> GetRoom(int bytes)
    {
        _owner.Check();
        if (_chunks.Count > 0)
        {
            ref var last = ref _chunks.Last;
            if (IsLastUnused())
            {
                last.Written = 0;
                last.FirstFrame = Tail;
            }

            if (last.Free >= bytes)
            {
                _isReserved = true;
                return last.Memory.AsMemory(last.Written);
            }
        }

        return AddChunk(bytes);
    }

    /// <inheritdoc/>
    public override void Append(int length, int commands, bool isNumbered)
    {
        _owner.Check();
        if (_chunks.Count == 0 || !isNumbered || length <= 0 || length > _chunks.Last.Free)
        {
            Invariant.Fail(string.Create(
                CultureInfo.InvariantCulture, $"A frame of {length} bytes{(isNumbered ? "" : " without a number")} does not fit the room that was given out."));
        }

        ref var last = ref _chunks.Last;
        var offset = last.Written;
        last.Written = offset + length;
        Record(offset, length, commands);
        AssertInvariant();
    }

    /// <summary>Frames that were appended are kept: only the room is given back.</summary>
    public override void Abandon() => ReleaseRoom();

    /// <inheritdoc/>
    public override void ReleaseRoom()
    {
        _owner.Check();
        _isReserved = false;
        ReturnUnused();
    }

    /// <summary>
    /// Takes the next frames for the connection: as many as lie in one piece. They count as sent from now on; the memory stays good until
    /// they are acknowledged, so it must be written out before the next acknowledgement is applied.
    /// </summary>
    public bool TryTakeUnsent(out ReadOnlyMemory<byte> piece)
    {
        _owner.Check();
        if (!HasUnsent)
        {
            piece = default;
            return false;
        }

        var index = ChunkOf(_cursor);
        ref var chunk = ref _chunks[index];
        var end = index + 1 < _chunks.Count ? Math.Min(_chunks[index + 1].FirstFrame, Tail) : Tail;
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
        AssertInvariant();
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
    public void Rewind()
    {
        _owner.Check();
        _cursor = _head;
        AssertInvariant();
    }

    /// <summary>A new session: nothing of it was sent yet, all that is kept belongs to it.</summary>
    public void StartSession()
    {
        _owner.Check();
        _cursor = _sessionSent = _head;
        AssertInvariant();
    }

    /// <summary>What is kept and was given to a connection, so that its fate is unknown.</summary>
    public FrameTotals SentAndKept => Between(_head, _mayHaveArrived);

    /// <summary>The peer says that nothing of what is kept was delivered, or is going to be: as if it had never been sent.</summary>
    public void MarkUndelivered()
    {
        _owner.Check();
        _cursor = _sessionSent = _mayHaveArrived = _head;
        AssertInvariant();
    }

    /// <summary>Drops the frames of <see cref="SentAndKept"/>; those that cannot have been delivered stay.</summary>
    public FrameTotals DropSent() => Drop(_mayHaveArrived);

    /// <summary>Drops all frames, sent or not.</summary>
    public FrameTotals DropAll() => Drop(Tail);

    /// <summary>The whole state in one line, for logs and for exploring the state space.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"frames {OldestSequence}+{Tail - _head}: unsent from {_cursor - _head}, "
        + $"sent in this session to {_sessionSent - _head}, ever to {_everSent - _head}, perhaps arrived to {_mayHaveArrived - _head}");

    /// <summary>Gives all memory back. The window is empty afterwards.</summary>
    public void Dispose()
    {
        // Whoever disposes of the sender does so when its thread has ended.
        _owner.Release();
        DropAll();
        ReleaseRoom();
        _frames.Release();
    }

    // The ordinal of the next frame.
    private long Tail => (long)(NextNumber - _firstNumber);

    private AcknowledgeResult Acknowledge(ulong sequence, long sent)
    {
        _owner.Check();
        var count = _space.Distance(OldestNumber, sequence) + 1;
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

        AssertInvariant();
        return AcknowledgeResult.Ok;
    }

    private FrameTotals Drop(long end)
    {
        _owner.Check();
        var dropped = Between(_head, end);
        if (end > _head)
        {
            Release(end);
        }

        AssertInvariant();
        return dropped;
    }

    // Lets go of the frames before an ordinal: acknowledged, or given up.
    private void Release(long end)
    {
        ref readonly var last = ref _frames[end - 1];
        _releasedCommands += last.CommandsThrough - (uint)_releasedCommands;
        _releasedBytes += last.BytesThrough - (uint)_releasedBytes;
        _head = end;
        _cursor = Math.Max(_cursor, _head);
        _sessionSent = Math.Max(_sessionSent, _head);
        _everSent = Math.Max(_everSent, _head);
        _mayHaveArrived = Math.Max(_mayHaveArrived, _head);
        ReturnUnused();
        if (IsEmpty)
        {
            _frames.Trim();
        }
    }

    private FrameTotals Between(long first, long end)
    {
        if (first == end)
        {
            return default;
        }

        ref readonly var from = ref _frames[first];
        ref readonly var to = ref _frames[end - 1];
        var before = first == _head ? (uint)_releasedCommands : _frames[first - 1].CommandsThrough;
        return new FrameTotals(end - first, to.CommandsThrough - before, to.BytesThrough - from.BytesThrough + (uint)from.Length);
    }

    private void AssertInvariant()
    {
        if (Invariant.AreChecked)
        {
            var isOrdered = _head <= _cursor && _cursor <= _sessionSent && _sessionSent <= _everSent && _everSent <= Tail;
            var hasBeenSent = _head <= _mayHaveArrived && _mayHaveArrived <= _everSent;
            var isCounted = Kept == Between(_head, Tail);
            if (!isOrdered || !hasBeenSent || !isCounted)
            {
                Invariant.Fail($"The window contradicts itself: {this}, kept {Kept}, recorded {Between(_head, Tail)}.");
            }
        }
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

    private void ReturnUnused()
    {
        while (_chunks.Count > 1 && _chunks[1].FirstFrame <= _head)
        {
            _chunks.RemoveFirst();
        }

        if (_chunks.Count == 1 && !_isReserved && IsLastUnused())
        {
            _chunks.RemoveFirst();
        }

        if (IsEmpty)
        {
            _chunks.ReturnSpares();
        }
    }

    private Memory<byte> AddChunk(int bytes)
    {
        _isReserved = false;
        ReturnUnused();

        // A lone frame of a quiet pair should not cost a chunk made for bursts.
        _chunks.Add(IsEmpty ? bytes : Math.Max(bytes, _chunkSize), Tail);
        _isReserved = true;
        return _chunks.Last.Memory;
    }

    // No frame that is kept begins in the last chunk.
    private bool IsLastUnused() => Math.Max(_chunks.Last.FirstFrame, _head) == Tail;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Record(int offset, int length, int commands)
    {
        var ordinal = Tail;
        _frames.EnsureRoom(_head, ordinal);
        ref var record = ref _frames[ordinal];
        record.Offset = offset;
        record.Length = length;
        record.CommandsThrough = (uint)(_appendedCommands += commands);
        record.BytesThrough = (uint)(_appendedBytes += length);
        NextNumber++;
    }
}
