using System.IO.Pipelines;
using Dvs.Proxy.Transport.Pipes;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Transport.Tls;

/// <summary>What TLS costs in garbage once it runs.</summary>
public sealed class TlsAllocationTests(TlsFilesFixture files, ITestOutputHelper output) : IClassFixture<TlsFilesFixture>
{
    private const int Rounds = 2000;
    private const int Size = 168;

    // The runtime's own stream may rent and allocate now and then; a command must not.
    private const int BytesPerRound = 16;

    [Fact]
    public async Task Small_writes_and_reads_allocate_nothing_to_speak_of()
    {
        await using var pair = await ConnectedPair.Open(new TlsTestTransport(new TcpTransport(), files.Credentials), "127.0.0.1", "127.0.0.1");
        var turns = new Turns();
        var reading = Patience.OnThread(() => Read(pair.Far.Input, turns));

        var written = await Patience.OnThread(() => Write(pair.Near.Output, turns)).Soon();
        var read = await reading.Soon();

        output.WriteLine($"{written} bytes allocated for {Rounds} writes, {read} for their reads");
        Assert.InRange(written, 0, Rounds * BytesPerRound);
        Assert.InRange(read, 0, Rounds * BytesPerRound);
    }

    private static long Write(PipeWriter writer, Turns turns)
    {
        long start = 0;
        for (var round = -Rounds; round < Rounds; round++)
        {
            if (round == 0)
            {
                start = GC.GetAllocatedBytesForCurrentThread();
            }

            writer.GetSpan(Size)[..Size].Fill((byte)round);
            writer.Advance(Size);
            writer.FlushBlocking();
            turns.WaitForReader(round);
        }

        return GC.GetAllocatedBytesForCurrentThread() - start;
    }

    private static long Read(PipeReader reader, Turns turns)
    {
        long start = 0;
        for (var round = -Rounds; round < Rounds; round++)
        {
            if (round == 0)
            {
                start = GC.GetAllocatedBytesForCurrentThread();
            }

            for (long rest = Size; rest > 0;)
            {
                var result = reader.ReadBlocking();
                rest -= result.Buffer.Length;
                reader.AdvanceTo(result.Buffer.End);
            }

            turns.ReaderIs(round);
        }

        return GC.GetAllocatedBytesForCurrentThread() - start;
    }

    private sealed class Turns
    {
        private int _reader = int.MinValue;

        internal void ReaderIs(int round) => Volatile.Write(ref _reader, round);

        internal void WaitForReader(int round)
        {
            while (Volatile.Read(ref _reader) < round)
            {
                Thread.Yield();
            }
        }
    }
}
