using System.Buffers;
using CsCheck;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Tests.Transport.Pipes;

public sealed class BlockingPipeWriterTests
{
    private readonly PoisonPool _pool = new();
    private readonly FakeByteStream _stream = new();

    [Fact]
    public void Everything_between_two_flushes_leaves_with_one_write()
    {
        var writer = Create();
        for (var i = 0; i < 100; i++)
        {
            writer.GetSpan(168)[..168].Fill((byte)i);
            writer.Advance(168);
        }

        Assert.Equal(16800, writer.UnflushedBytes);
        Assert.Empty(_stream.Writes);
        Assert.False(writer.FlushBlocking().IsCompleted);
        var sent = Assert.Single(_stream.Writes);
        Assert.Equal([.. Enumerable.Range(0, 16800).Select(i => (byte)(i / 168))], sent);
        Assert.False(writer.FlushBlocking().IsCompleted);
        Assert.Single(_stream.Writes);
    }

    [Fact]
    public void A_large_buffer_goes_back_after_the_flush_and_a_small_one_stays()
    {
        var writer = Create();
        writer.Write(new byte[100]);
        writer.FlushBlocking();
        Assert.InRange(_pool.OutstandingBytes, 1024, 1030);
        writer.GetSpan(256 * 1024);
        Assert.Equal(1, _pool.Outstanding);
        writer.Write(new byte[200 * 1024]);
        writer.FlushBlocking();
        Assert.Equal(0, _pool.Outstanding);
        writer.GetSpan();
        Assert.InRange(_pool.OutstandingBytes, 256 * 1024, 257 * 1024); // as much as was lately asked for, so that it need not grow again
        writer.Complete();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Completion_sends_what_is_left_and_closes_this_direction()
    {
        var writer = Create();
        writer.Write((ReadOnlySpan<byte>)[1, 2]);
        writer.Complete();
        writer.Complete();
        Assert.Equal([1, 2], Assert.Single(_stream.Writes));
        Assert.True(_stream.WriteClosed);
        Assert.False(_stream.Aborted);
        Assert.Equal(0, _pool.Outstanding);
        Assert.Throws<InvalidOperationException>(() => writer.GetMemory());
        Assert.Throws<InvalidOperationException>(() => writer.FlushBlocking());
    }

    [Fact]
    public void Completion_with_an_error_ends_the_connection_and_sends_nothing()
    {
        var writer = Create();
        writer.Write((ReadOnlySpan<byte>)[1, 2]);
        writer.Complete(new InvalidOperationException());
        Assert.Empty(_stream.Writes);
        Assert.True(_stream.Aborted);
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void A_broken_connection_is_an_error_that_stays_and_completion_does_not_throw()
    {
        var writer = Create();
        writer.Write(new byte[4000]);
        _stream.Failure = new IOException("cable cut");
        Assert.Equal("cable cut", Assert.Throws<IOException>(() => writer.FlushBlocking()).Message);
        Assert.Equal(0, _pool.Outstanding);
        _stream.Failure = null;
        writer.Write((ReadOnlySpan<byte>)[1]);
        Assert.Equal("cable cut", Assert.Throws<IOException>(() => writer.FlushBlocking()).Message);
        Assert.Empty(_stream.Writes);
        writer.Complete();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void After_an_abort_a_flush_says_completed_and_drops_what_is_written()
    {
        var writer = Create();
        _stream.Abort();
        Assert.True(writer.FlushBlocking().IsCompleted);
        writer.Write(new byte[10]);
        Assert.True(writer.FlushBlocking().IsCompleted);
        Assert.Equal(0, writer.UnflushedBytes);
    }

    [Fact]
    public void A_canceled_flush_keeps_everything_for_the_next()
    {
        var writer = Create();
        writer.Write((ReadOnlySpan<byte>)[1, 2]);
        writer.CancelPendingFlush();
        Assert.True(writer.FlushBlocking().IsCanceled);
        Assert.Empty(_stream.Writes);
        Assert.False(writer.FlushBlocking().IsCanceled);
        Assert.Equal([1, 2], Assert.Single(_stream.Writes));
    }

    [Fact]
    public void Advancing_beyond_what_was_given_is_refused()
    {
        var writer = Create();
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(1));
        var given = writer.GetMemory(10).Length;
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(given + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.GetSpan(-1).Length);
        writer.Advance(given);
        Assert.Equal(given, writer.UnflushedBytes);
    }

    [Fact]
    public void Whatever_the_sizes_all_bytes_leave_once_and_in_order()
    {
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[1, 60]).Sample((seed, steps) =>
        {
            var random = new Random(seed);
            var pool = new PoisonPool();
            var stream = new FakeByteStream();
            var writer = new BlockingPipeWriter(stream, pool, idleSize: 1024);
            var written = new List<byte>();
            for (var i = 0; i < steps; i++)
            {
                var bytes = new byte[random.Next(0, 3000)];
                random.NextBytes(bytes);
                bytes.CopyTo(writer.GetSpan(bytes.Length));
                writer.Advance(bytes.Length);
                written.AddRange(bytes);
                if (random.Next(4) == 0)
                {
                    writer.FlushBlocking();
                }
            }

            writer.Complete();
            Assert.Equal(0, pool.Outstanding);
            Assert.Equal(Convert.ToHexString([.. written]), Convert.ToHexString([.. stream.Writes.SelectMany(each => each)]));
        });
    }

    private BlockingPipeWriter Create() => new(_stream, _pool, idleSize: 1024);
}
