using System.Buffers;
using System.IO.Pipelines;

namespace Dvs.Proxy.Transport.Pipes;

/// <summary>
/// A <see cref="PipeReader"/> whose reads complete inline, by blocking the caller in <see cref="IByteStream.Read"/>. One contiguous buffer,
/// so what it gives is always a single segment; a read takes as much as the buffer has room for. The buffer is small while little
/// arrives and becomes <c>size</c> when reads fill it, so that idle connections hold little. It grows beyond that, up to
/// <c>maximumSize</c>, only when the consumer has examined everything and still needs more. No read allocates in steady state.
/// </summary>
/// <remarks>
/// <see cref="CancelPendingRead"/> does not wake a blocked read: it makes the next result say canceled. The token is looked at before
/// blocking only. A read whose time is up says canceled, too.
/// Aborting the connection is what ends a blocked read; it then completes as at the end of the stream.
/// </remarks>
internal sealed class BlockingPipeReader : PipeReader
{
    /// <summary>Reads in a row that must have been small before the large buffer is given up.</summary>
    private const int SmallReadsBeforeShrinking = 8;

    private readonly IByteStream _stream;
    private readonly ArrayPool<byte> _pool;
    private readonly int _idleSize;
    private readonly int _size;
    private readonly int _maximumSize;

    // Buffered is [_start, _end); the consumer has seen [_start, _examined).
    private byte[] _buffer = [];
    private int _start;
    private int _examined;
    private int _end;

    private int _requestedSize; // what the pool was asked for: it may give more
    private bool _wantsLarge;
    private int _smallReads;
    private bool _reading;
    private bool _ended;
    private bool _completed;
    private int _cancelRequested;
    private IOException? _failure;

    /// <param name="stream">Where the bytes come from.</param>
    /// <param name="pool">Where the buffers come from and go back to.</param>
    /// <param name="size">Buffer size in bytes under load.</param>
    /// <param name="maximumSize">Most bytes to hold when the consumer consumes nothing; at least <paramref name="size"/>.</param>
    /// <param name="idleSize">Buffer size in bytes while little arrives.</param>
    internal BlockingPipeReader(
        IByteStream stream, ArrayPool<byte> pool, int size, int maximumSize, int idleSize = TransportBuffers.IdleSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumSize, size);
        _stream = stream;
        _pool = pool;
        _size = size;
        _maximumSize = maximumSize;
        _idleSize = Math.Min(idleSize, size);
    }

    /// <summary>True while a read would give something without touching the connection. The reading thread only.</summary>
    internal bool HasUnexamined => _examined != _end;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        if (TryRead(out var result))
        {
            return new ValueTask<ReadResult>(result);
        }

        bool timedOut;
        try
        {
            timedOut = !Receive();
        }
        catch (IOException failure)
        {
            return ValueTask.FromException<ReadResult>(failure);
        }

        return new ValueTask<ReadResult>(StartReading(TakeCancelRequest() || timedOut));
    }

    /// <summary>What is buffered and not yet examined; never touches the connection.</summary>
    public override bool TryRead(out ReadResult result)
    {
        ThrowIfCompleted();
        if (_reading)
        {
            throw new InvalidOperationException("The last read was not ended by AdvanceTo.");
        }

        var canceled = TakeCancelRequest();
        if (!canceled && !_ended && _examined == _end)
        {
            result = default;
            return false;
        }

        result = StartReading(canceled);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        ThrowIfCompleted();
        if (!_reading)
        {
            throw new InvalidOperationException("AdvanceTo without a read before it.");
        }

        var consumedIndex = IndexOf(consumed);
        var examinedIndex = IndexOf(examined);
        if (consumedIndex < _start || examinedIndex < consumedIndex || examinedIndex > _end)
        {
            throw new ArgumentOutOfRangeException(
                nameof(consumed), "The consumed and examined positions are not inside what was read, or examined is before consumed.");
        }

        _start = consumedIndex;
        _examined = Math.Max(examinedIndex, consumedIndex);
        _reading = false;
    }

    public override void CancelPendingRead() => Volatile.Write(ref _cancelRequested, 1);

    /// <summary>Gives the buffer back; nothing may be read any more. Does not touch the connection. Not while a read blocks.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_completed)
        {
            return;
        }

        _completed = true;
        _reading = false;
        var buffer = _buffer;
        _buffer = [];
        _start = _examined = _end = 0;
        GiveBack(buffer);
    }

    // False: the time was up.
    private bool Receive()
    {
        if (_failure is not null)
        {
            throw new IOException(_failure.Message, _failure);
        }

        MakeRoom();
        var room = _buffer.Length - _end;
        int received;
        try
        {
            received = _stream.Read(_buffer.AsSpan(_end, room));
        }
        catch (IOException failure)
        {
            _failure = failure;
            throw;
        }

        if (received == IByteStream.TimedOut)
        {
            return false;
        }

        _ended = received == 0;
        _end += received;
        NoteHowMuchArrives(received, room);
        return true;
    }

    private void NoteHowMuchArrives(int received, int room)
    {
        if (received == room)
        {
            _wantsLarge = true;
            _smallReads = 0;
        }
        else if (received > _idleSize / 4)
        {
            _smallReads = 0;
        }
        else if (++_smallReads >= SmallReadsBeforeShrinking)
        {
            _wantsLarge = false;
            _smallReads = 0;
        }
    }

    /// <summary>Room for the next read: a good part of the buffer, moving what is left of the last read only when it runs short.</summary>
    private void MakeRoom()
    {
        var buffered = _end - _start;
        if (buffered == 0)
        {
            _start = _examined = _end = 0;
            var wanted = _wantsLarge ? _size : _idleSize;
            if (_requestedSize != wanted)
            {
                MoveTo(wanted);
            }
        }
        else if (_wantsLarge && _requestedSize < _size)
        {
            MoveTo(_size);
        }

        if (_buffer.Length - _end >= _buffer.Length / 4)
        {
            return;
        }

        if (buffered <= _buffer.Length / 2 || _buffer.Length >= _maximumSize)
        {
            MoveToFront(buffered);
        }
        else
        {
            MoveTo((int)Math.Min(Math.Max((long)_buffer.Length * 2, _size), _maximumSize));
        }
    }

    private void MoveToFront(int buffered)
    {
        if (buffered == _buffer.Length)
        {
            throw new IOException(
                $"The peer's data cannot be read: {buffered} bytes are buffered, the most allowed, and still do not make a whole frame.");
        }

        _buffer.AsSpan(_start, buffered).CopyTo(_buffer);
        _examined -= _start;
        _start = 0;
        _end = buffered;
    }

    private void MoveTo(int size)
    {
        var buffered = _end - _start;
        var previous = _buffer;
        byte[] next;
        if (buffered == 0)
        {
            // First back, then out: the pool may have only one to spare.
            _buffer = [];
            GiveBack(previous);
            next = _pool.Rent(size);
        }
        else
        {
            next = _pool.Rent(size);
            previous.AsSpan(_start, buffered).CopyTo(next);
            GiveBack(previous);
        }

        _buffer = next;
        _examined -= _start;
        _start = 0;
        _end = buffered;
        _requestedSize = size;
    }

    private void GiveBack(byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            _pool.Return(buffer);
        }
    }

    private ReadResult StartReading(bool canceled)
    {
        _reading = true;
        return new ReadResult(new ReadOnlySequence<byte>(_buffer, _start, _end - _start), canceled, _ended);
    }

    private bool TakeCancelRequest() =>
        Volatile.Read(ref _cancelRequested) != 0 && Interlocked.Exchange(ref _cancelRequested, 0) != 0;

    private int IndexOf(SequencePosition position)
    {
        if (!ReferenceEquals(position.GetObject(), _buffer))
        {
            throw new ArgumentOutOfRangeException(nameof(position), "The position is not of the last read.");
        }

        return position.GetInteger();
    }

    private void ThrowIfCompleted()
    {
        if (_completed)
        {
            throw new InvalidOperationException("The reader was completed.");
        }
    }
}
