using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Tests.Transport;

/// <summary>What the proxy relies on in a connection's pipes.</summary>
public abstract partial class ProxyTransportContract
{
    [Fact]
    public async Task Megabytes_arrive_unchanged_however_they_are_cut()
    {
        await using var pair = await OpenPair();
        var bytes = new byte[6 * 1024 * 1024];
        new Random(4711).NextBytes(bytes);
        var writing = Patience.OnThread(() => WriteCut(pair.Near.Output, bytes, new Random(1)));
        var reading = Patience.OnThread(() => ReadCut(pair.Far.Input, new Random(2)));
        await writing.Soon();
        Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(await reading.Soon()));
    }

    [Fact]
    public async Task Both_directions_carry_load_at_once()
    {
        await using var pair = await OpenPair();
        var there = new byte[3 * 1024 * 1024];
        var back = new byte[3 * 1024 * 1024];
        new Random(1).NextBytes(there);
        new Random(2).NextBytes(back);
        var first = Patience.OnThread(() => WriteCut(pair.Near.Output, there, new Random(3)));
        var second = Patience.OnThread(() => WriteCut(pair.Far.Output, back, new Random(4)));
        var atFar = Patience.OnThread(() => ReadCut(pair.Far.Input, new Random(5)));
        var atNear = Patience.OnThread(() => ReadCut(pair.Near.Input, new Random(6)));
        await Task.WhenAll(first, second).Soon();
        Assert.Equal(SHA256.HashData(there), SHA256.HashData(await atFar.Soon()));
        Assert.Equal(SHA256.HashData(back), SHA256.HashData(await atNear.Soon()));
    }

    [Fact]
    public async Task A_writer_that_nobody_reads_stops_and_goes_on_when_somebody_does()
    {
        await using var pair = await OpenPair();
        long flushed = 0;
        var writing = Patience.OnThread(() => WriteUntilEnded(pair.Near.Output, ref flushed));
        await UntilStalled(() => Volatile.Read(ref flushed));
        var stalledAt = Volatile.Read(ref flushed);
        var reading = Patience.OnThread(pair.Far.ReadToEnd);
        await Eventually.TrueAsync(() => Volatile.Read(ref flushed) > 2 * stalledAt);
        pair.Near.Abort();
        Assert.True(await writing.Soon());
        Assert.True(await reading.Soon());
    }

    [Fact]
    public async Task TryRead_never_waits()
    {
        await using var pair = await OpenPair();
        Assert.False(await Patience.OnThread(() => pair.Far.Input.TryRead(out _)).Soon());
        pair.Near.Send([1, 2, 3]);
        var result = await Patience.OnThread(pair.Far.Input.ReadBlocking).Soon();
        Assert.Equal(3, result.Buffer.Length);
        pair.Far.Input.AdvanceTo(result.Buffer.GetPosition(1)); // consumed and examined one of three
        Assert.True(pair.Far.Input.TryRead(out result));
        Assert.Equal([2, 3], result.Buffer.ToArray());
        pair.Far.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End); // examined all: nothing new to see
        Assert.False(await Patience.OnThread(() => pair.Far.Input.TryRead(out _)).Soon());
    }

    [Fact]
    public async Task What_was_not_consumed_comes_again_in_front_of_what_is_new()
    {
        await using var pair = await OpenPair();
        pair.Near.Send([1, 2, 3, 4]);
        var result = await Patience.OnThread(pair.Far.Input.ReadBlocking).Soon();
        Assert.Equal([1, 2, 3, 4], result.Buffer.ToArray());
        pair.Far.Input.AdvanceTo(result.Buffer.GetPosition(1), result.Buffer.End);
        var waiting = Patience.OnThread(pair.Far.Input.ReadBlocking);
        pair.Near.Send([5]);
        result = await waiting.Soon();
        Assert.Equal([2, 3, 4, 5], result.Buffer.ToArray());
        pair.Far.Input.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public async Task A_canceled_read_loses_nothing()
    {
        await using var pair = await OpenPair();
        pair.Near.Send([1, 2]);
        var result = await Patience.OnThread(pair.Far.Input.ReadBlocking).Soon();
        pair.Far.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        pair.Far.Input.CancelPendingRead();
        result = await Patience.OnThread(pair.Far.Input.ReadBlocking).Soon();
        Assert.True(result.IsCanceled);
        Assert.Equal([1, 2], result.Buffer.ToArray());
        pair.Far.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        pair.Near.Send([3]);
        result = await Patience.OnThread(pair.Far.Input.ReadBlocking).Soon();
        Assert.False(result.IsCanceled);
        Assert.Equal([1, 2, 3], result.Buffer.ToArray());
        pair.Far.Input.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public async Task Asking_for_memory_again_gives_the_same_place_and_what_was_written_counts()
    {
        await using var pair = await OpenPair();
        var output = pair.Near.Output;
        Assert.True(output.CanGetUnflushedBytes);
        Assert.Equal(0, output.UnflushedBytes);
        output.GetSpan(8)[0] = 41;
        output.GetSpan(8)[0] = 42;
        Assert.Equal(42, output.GetMemory(4).Span[0]);
        output.Advance(1);
        output.GetSpan(256 * 1024)[..3].Fill(7);
        output.Advance(3);
        Assert.Equal(4, output.UnflushedBytes);
        Assert.False(output.FlushBlocking().IsCompleted);
        Assert.Equal(0, output.UnflushedBytes);
        Assert.Equal([42, 7, 7, 7], await Patience.OnThread(() => pair.Far.Receive(4)).Soon());
    }

    [Fact]
    public async Task A_flush_after_an_abort_shows_the_end()
    {
        await using var pair = await OpenPair();
        pair.Near.Output.Write((ReadOnlySpan<byte>)[1, 2, 3]);
        pair.Near.Abort();
        long flushed = 0;
        Assert.True(await Patience.OnThread(() => WriteUntilEnded(pair.Near.Output, ref flushed)).Soon());
        Assert.Equal(0, flushed);
        Assert.True(await Patience.OnThread(pair.Near.ReadToEnd).Soon());
    }

    [Fact]
    public async Task After_disposal_the_pipes_refuse_to_work()
    {
        await using var pair = await OpenPair();
        pair.Near.Send([1]);
        await pair.Near.DisposeAsync();
        Assert.ThrowsAny<InvalidOperationException>(() => pair.Near.Output.GetSpan(1)[0]);
        Assert.ThrowsAny<InvalidOperationException>(() => pair.Near.Input.TryRead(out _));
    }

    private static void WriteCut(PipeWriter writer, byte[] bytes, Random random)
    {
        var written = 0;
        while (written < bytes.Length)
        {
            var count = Math.Min(random.Next(1, 1 << random.Next(1, 19)), bytes.Length - written);
            bytes.AsSpan(written, count).CopyTo(writer.GetSpan(count));
            writer.Advance(count);
            written += count;
            if (random.Next(3) == 0)
            {
                Assert.False(writer.FlushBlocking().IsCompleted);
            }
        }

        writer.Complete();
    }

    /// <summary>Reads to the end, consuming and examining random parts of what is there.</summary>
    private static byte[] ReadCut(PipeReader reader, Random random)
    {
        var all = new ArrayBufferWriter<byte>();
        while (true)
        {
            var result = reader.ReadBlocking();
            var buffer = result.Buffer;
            var consumed = result.IsCompleted ? buffer.Length : random.NextInt64(buffer.Length + 1);
            var examined = buffer.Length < 100_000 ? random.NextInt64(consumed, buffer.Length + 1) : consumed;
            foreach (var segment in buffer.Slice(0, consumed))
            {
                all.Write(segment.Span);
            }

            reader.AdvanceTo(buffer.GetPosition(consumed), buffer.GetPosition(examined));
            if (result.IsCompleted)
            {
                return all.WrittenSpan.ToArray();
            }
        }
    }
}
