using System.Buffers;
using System.IO.Pipelines;
using CsCheck;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Tests.Transport.Pipes;

public sealed class BlockingPipeReaderTests
{
    private readonly PoisonPool _pool = new();
    private readonly FakeByteStream _stream = new();

    [Fact]
    public void Nothing_is_rented_before_the_first_read_and_all_is_returned_at_completion()
    {
        var reader = Create();
        Assert.Equal(0, _pool.Outstanding);
        Assert.False(reader.TryRead(out _));
        Assert.Equal(0, _pool.Outstanding);
        _stream.Arrive(1, 2, 3);
        var result = reader.ReadBlocking();
        Assert.Equal(1, _pool.Outstanding);
        reader.AdvanceTo(result.Buffer.Start);
        reader.Complete();
        reader.Complete();
        Assert.Equal(0, _pool.Outstanding);
        Assert.Throws<InvalidOperationException>(() => reader.TryRead(out _));
        Assert.Throws<InvalidOperationException>(() => reader.ReadBlocking());
    }

    [Fact]
    public void Buffered_bytes_are_given_without_touching_the_connection()
    {
        var reader = Create();
        _stream.Arrive(1, 2, 3);
        var result = reader.ReadBlocking();
        reader.AdvanceTo(result.Buffer.GetPosition(1));
        Assert.Equal([2, 3], Take(reader, reader.ReadBlocking(), 2));
        Assert.Single(_stream.ReadRooms);
    }

    [Fact]
    public void A_read_whose_time_is_up_is_canceled_and_keeps_what_there_is()
    {
        var reader = Create();
        _stream.Arrive(1, 2);
        var result = reader.ReadBlocking();
        reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        _stream.TimesOut = true;
        result = reader.ReadBlocking();
        Assert.True(result.IsCanceled);
        Assert.False(result.IsCompleted);
        Assert.Equal([1, 2], result.Buffer.ToArray());
        reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        _stream.Arrive(3);
        result = reader.ReadBlocking();
        Assert.False(result.IsCanceled);
        Assert.Equal([1, 2, 3], result.Buffer.ToArray());
    }

    [Fact]
    public void The_end_comes_after_what_is_buffered_and_stays()
    {
        var reader = Create();
        _stream.Arrive(1);
        var result = reader.ReadBlocking();
        reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        for (var i = 0; i < 3; i++)
        {
            result = reader.ReadBlocking();
            Assert.True(result.IsCompleted);
            Assert.Equal([1], result.Buffer.ToArray());
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    [Fact]
    public void A_broken_connection_is_an_error_that_stays()
    {
        var reader = Create();
        _stream.Failure = new IOException("cable cut");
        Assert.Equal("cable cut", Assert.Throws<IOException>(() => reader.ReadBlocking()).Message);
        _stream.Failure = null;
        Assert.Equal("cable cut", Assert.Throws<IOException>(() => reader.ReadBlocking()).Message);
        reader.Complete();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Reading_out_of_turn_is_refused()
    {
        var reader = Create();
        Assert.Throws<InvalidOperationException>(() => reader.AdvanceTo(default));
        _stream.Arrive(1, 2, 3);
        var result = reader.ReadBlocking();
        Assert.Throws<InvalidOperationException>(() => reader.ReadBlocking());
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.AdvanceTo(result.Buffer.End, result.Buffer.Start));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.AdvanceTo(default));
        reader.AdvanceTo(result.Buffer.GetPosition(1));
        Assert.Equal([2, 3], Take(reader, reader.ReadBlocking(), 2));
    }

    [Fact]
    public void A_token_that_is_canceled_already_reads_nothing()
    {
        var reader = Create();
        _stream.Arrive(1);
        Assert.ThrowsAny<OperationCanceledException>(() => reader.ReadAsync(new CancellationToken(canceled: true)).WaitBlocking());
        Assert.Empty(_stream.ReadRooms);
    }

    [Fact]
    public void One_unit_larger_than_the_buffer_makes_it_grow_up_to_the_limit()
    {
        var reader = Create(size: 64, maximum: 1000, idle: 16);
        _stream.Arrive(new byte[900]);
        var result = reader.ReadBlocking();
        while (result.Buffer.Length < 900)
        {
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = reader.ReadBlocking();
        }

        reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        _stream.Arrive(new byte[900]);
        var failure = Assert.Throws<IOException>(() => ExamineAll(reader));
        Assert.Contains("most allowed", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, _pool.Outstanding);
        Assert.InRange(_pool.OutstandingBytes, 1000, 1010);
    }

    [Fact]
    public void The_buffer_is_large_under_load_and_small_again_when_little_arrives()
    {
        var reader = Create(size: 1024, maximum: 2048, idle: 64);
        _stream.Arrive(new byte[4000]);
        for (var received = 0; received < 4000;)
        {
            var result = reader.ReadBlocking();
            received += (int)result.Buffer.Length;
            reader.AdvanceTo(result.Buffer.End);
        }

        Assert.Equal(64 + 3, _stream.ReadRooms[0]);
        Assert.Equal(1024 + 3, _stream.ReadRooms[1]);
        for (var i = 0; i < 20; i++)
        {
            _stream.Arrive(1);
            reader.AdvanceTo(reader.ReadBlocking().Buffer.End);
        }

        Assert.Equal(64 + 3, _stream.ReadRooms[^1]);
        Assert.InRange(_pool.OutstandingBytes, 64, 70);
    }

    [Fact]
    public void Whatever_the_cuts_all_bytes_come_once_and_in_order()
    {
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[1, 300], Gen.Int[16, 200]).Sample((seed, chunks, size) =>
        {
            var random = new Random(seed);
            var pool = new PoisonPool();
            var stream = new FakeByteStream();
            var sent = new List<byte>();
            for (var i = 0; i < chunks; i++)
            {
                var chunk = new byte[random.Next(1, 60)];
                random.NextBytes(chunk);
                sent.AddRange(chunk);
                stream.Arrive(chunk);
            }

            var reader = new BlockingPipeReader(stream, pool, size, 4 * size, idleSize: 16);
            var received = new List<byte>();
            while (true)
            {
                var result = reader.ReadBlocking();
                Assert.True(result.Buffer.IsSingleSegment);
                var length = result.Buffer.Length;
                var all = result.IsCompleted || length > 2 * size;
                var consumed = all ? length : random.NextInt64(length + 1);
                received.AddRange(result.Buffer.Slice(0, consumed).ToArray());
                reader.AdvanceTo(result.Buffer.GetPosition(consumed), result.Buffer.GetPosition(random.NextInt64(consumed, length + 1)));
                if (result.IsCompleted)
                {
                    break;
                }
            }

            Assert.Equal(sent, received);
            Assert.Equal(1, pool.Outstanding);
            reader.Complete();
            Assert.Equal(0, pool.Outstanding);
        });
    }

    private static void ExamineAll(BlockingPipeReader reader)
    {
        ReadResult result;
        do
        {
            result = reader.ReadBlocking();
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
        while (!result.IsCompleted);
    }

    private BlockingPipeReader Create(int size = 256, int maximum = 1024, int idle = 64) => new(_stream, _pool, size, maximum, idle);

    private static byte[] Take(BlockingPipeReader reader, ReadResult result, int count)
    {
        var bytes = result.Buffer.Slice(0, count).ToArray();
        reader.AdvanceTo(result.Buffer.GetPosition(count));
        return bytes;
    }
}
