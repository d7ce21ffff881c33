using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Tests.Transport.Pipes;

/// <summary>A stream that gives chunks as they were cut, and keeps what is written, write by write.</summary>
internal sealed class FakeByteStream : IByteStream
{
    private readonly Queue<byte[]> _chunks = new();

    internal List<byte[]> Writes { get; } = [];

    internal List<int> ReadRooms { get; } = [];

    internal IOException? Failure { get; set; }

    internal bool Aborted { get; private set; }

    internal bool WriteClosed { get; private set; }

    internal FakeByteStream Arrive(params byte[] chunk)
    {
        _chunks.Enqueue(chunk);
        return this;
    }

    /// <summary>The next read's time is up before anything comes.</summary>
    internal bool TimesOut { get; set; }

    public int Read(Span<byte> destination)
    {
        Assert.NotEqual(0, destination.Length);
        ReadRooms.Add(destination.Length);
        if (TimesOut)
        {
            TimesOut = false;
            return IByteStream.TimedOut;
        }

        if (Failure is not null)
        {
            throw Failure;
        }

        if (Aborted || !_chunks.TryDequeue(out var chunk))
        {
            return 0;
        }

        var count = Math.Min(chunk.Length, destination.Length);
        chunk.AsSpan(0, count).CopyTo(destination);
        if (count < chunk.Length)
        {
            byte[][] rest = [chunk[count..], .. _chunks];
            _chunks.Clear();
            Array.ForEach(rest, _chunks.Enqueue);
        }

        return count;
    }

    public bool Write(ReadOnlySpan<byte> source)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        if (!Aborted && !source.IsEmpty)
        {
            Writes.Add(source.ToArray());
        }

        return !Aborted;
    }

    public void CloseWrite() => WriteClosed = true;

    public void Abort() => Aborted = true;
}
