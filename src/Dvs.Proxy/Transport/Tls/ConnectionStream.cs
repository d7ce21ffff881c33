using System.Buffers;
using System.IO.Pipelines;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Transport.Tls;

/// <summary>
/// The pipes of a connection as the stream that <see cref="System.Net.Security.SslStream"/> wants. Everything completes by blocking the
/// caller, the asynchronous methods too. One thread reads, one writes. While <see cref="Gather"/> is on, writes wait for
/// <see cref="FlushGathered"/>: the records of one flush leave with one call.
/// </summary>
internal sealed class ConnectionStream(ProxyConnection connection) : Stream
{
    private readonly PipeReader _input = connection.Input;
    private readonly PipeWriter _output = connection.Output;
    private long _received;
    private volatile bool _inputEnds;

    /// <summary>Hold writes back until <see cref="FlushGathered"/>. Set between operations only.</summary>
    internal bool Gather { get; set; }

    /// <summary>The peer's stream has come to its end, or it takes no more of ours.</summary>
    internal bool HasEnded { get; private set; }

    /// <summary>Bytes that came so far; for the reading thread.</summary>
    internal long Received => _received;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A read that finds nothing and is canceled below is at the end. Any thread.</summary>
    internal void EndInput() => _inputEnds = true;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (true)
        {
            var result = _input.ReadBlocking();
            var available = result.Buffer;
            if (!available.IsEmpty)
            {
                var taken = available.Length > buffer.Length ? available.Slice(0, buffer.Length) : available;
                taken.CopyTo(buffer);
                var count = (int)taken.Length;
                _input.AdvanceTo(taken.End);
                _received += count;
                return count;
            }

            _input.AdvanceTo(available.End);
            if (result.IsCompleted || (result.IsCanceled && _inputEnds))
            {
                HasEnded = true;
                return 0;
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _output.Write(buffer);
        if (!Gather && !FlushGathered())
        {
            HasEnded = true;
            throw new IOException("The connection takes no more data.");
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    /// <summary>Hands over what was written; false where the connection takes no more.</summary>
    internal bool FlushGathered() => !_output.FlushBlocking().IsCompleted;

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
