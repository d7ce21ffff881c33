using System.Buffers;
using System.IO.Pipelines;

namespace Dvs.Proxy.Transport.Pipes;

/// <summary>
/// A <see cref="PipeWriter"/> whose flushes complete inline, by blocking the caller in <see cref="IByteStream.Write"/>. What is
/// written between two flushes lies in one contiguous buffer and leaves with one call. After a flush a large buffer goes back
/// to the pool, so that idle connections hold little; the next one is rented as large as lately needed. Nothing allocates in steady state.
/// </summary>
/// <remarks>
/// A broken connection makes a flush throw <see cref="IOException"/> with the reason, and every later flush too. After an abort a flush
/// drops
/// what is written and its result says completed. <see cref="CancelPendingFlush"/> does not wake a blocked flush: it makes the
/// next one return canceled, with everything kept for the flush after it.
/// </remarks>
internal sealed class BlockingPipeWriter : PipeWriter
{
    private const int SmallestRoom = 512;

    private readonly IByteStream _stream;
    private readonly ArrayPool<byte> _pool;
    private readonly int _idleSize;

    private byte[] _buffer = [];
    private int _requestedSize; // what the pool was asked for: it may give more
    private int _unflushed;
    private int _needed; // since the last flush, with the room that was asked for
    private int _expected;
    private int _cancelRequested;
    private bool _completed;
    private IOException? _failure;

    /// <param name="stream">Where the bytes go.</param>
    /// <param name="pool">Where the buffers come from and go back to.</param>
    /// <param name="idleSize">Largest buffer in bytes to keep after a flush.</param>
    internal BlockingPipeWriter(IByteStream stream, ArrayPool<byte> pool, int idleSize = TransportBuffers.IdleSize)
    {
        _stream = stream;
        _pool = pool;
        _idleSize = idleSize;
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _buffer.AsMemory(_unflushed);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _buffer.AsSpan(_unflushed);
    }

    public override void Advance(int bytes)
    {
        ThrowIfCompleted();
        if ((uint)bytes > (uint)(_buffer.Length - _unflushed))
        {
            throw new ArgumentOutOfRangeException(nameof(bytes), bytes, "More than the memory that was given out, or negative.");
        }

        _unflushed += bytes;
    }

    /// <summary>Hands <paramref name="source"/> over uncopied, behind what is written already.</summary>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        FlushAsync(source.Span, cancellationToken);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => FlushAsync(default, cancellationToken);

    private ValueTask<FlushResult> FlushAsync(ReadOnlySpan<byte> behind, CancellationToken cancellationToken)
    {
        ThrowIfCompleted();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        if (Volatile.Read(ref _cancelRequested) != 0 && Interlocked.Exchange(ref _cancelRequested, 0) != 0)
        {
            // The bytes that came with a cancelled write are kept like those written before.
            behind.CopyTo(GetSpan(behind.Length));
            Advance(behind.Length);
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: true, isCompleted: false));
        }

        try
        {
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: !Flush() || !Write(behind)));
        }
        catch (IOException failure)
        {
            return ValueTask.FromException<FlushResult>(failure);
        }
    }

    public override void CancelPendingFlush() => Volatile.Write(ref _cancelRequested, 1);

    /// <summary>Hands over what is written, then tells the peer that nothing more comes; with an error, ends the connection instead.
    /// Never throws.
    /// May block as a flush does.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_completed)
        {
            return;
        }

        try
        {
            if (exception is null)
            {
                Flush();
                _stream.CloseWrite();
            }
            else
            {
                _stream.Abort();
            }
        }
        catch (IOException)
        {
            // The connection is gone: there is nobody left to tell.
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Drops what is written and gives the buffer back, without touching the connection.</summary>
    internal void Release()
    {
        _completed = true;
        _unflushed = 0;
        GiveBackBuffer();
    }

    private bool Flush()
    {
        if (_failure is not null)
        {
            throw new IOException(_failure.Message, _failure);
        }

        var flushing = _unflushed;
        if (flushing == 0)
        {
            // Nothing to send, but an abort must be seen here as well.
            return _stream.Write(default);
        }

        try
        {
            return _stream.Write(_buffer.AsSpan(0, flushing));
        }
        catch (IOException failure)
        {
            _failure = failure;
            throw;
        }
        finally
        {
            _unflushed = 0;
            _expected = Math.Max(_needed, _expected - (_expected >> 3));
            _needed = 0;
            if (_requestedSize > _idleSize)
            {
                GiveBackBuffer();
            }
        }
    }

    private bool Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return bytes.IsEmpty || _stream.Write(bytes);
        }
        catch (IOException failure)
        {
            _failure = failure;
            throw;
        }
    }

    private void MakeRoom(int sizeHint)
    {
        ThrowIfCompleted();
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        var needed = Math.Max(sizeHint, SmallestRoom);
        _needed = Math.Max(_needed, _unflushed + needed);
        if (_buffer.Length - _unflushed < needed)
        {
            Grow(needed);
        }
    }

    private void Grow(int needed)
    {
        var size = Math.Max((long)_unflushed + needed, _unflushed == 0 ? Math.Max(_expected, _idleSize) : (long)_buffer.Length * 2);
        if (_unflushed + (long)needed > Array.MaxLength)
        {
            throw new InvalidOperationException($"{_unflushed} bytes wait for a flush; {needed} more do not fit into one buffer.");
        }

        var requested = (int)Math.Min(size, Array.MaxLength);
        var next = _pool.Rent(requested);
        _buffer.AsSpan(0, _unflushed).CopyTo(next);
        GiveBackBuffer();
        _buffer = next;
        _requestedSize = requested;
    }

    private void GiveBackBuffer()
    {
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
        {
            _pool.Return(buffer);
        }
    }

    private void ThrowIfCompleted()
    {
        if (_completed)
        {
            throw new InvalidOperationException("The writer was completed.");
        }
    }
}
