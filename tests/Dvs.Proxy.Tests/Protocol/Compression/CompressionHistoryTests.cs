using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Compression;
using Dvs.Proxy.Protocol.Frames;

namespace Dvs.Proxy.Tests.Protocol.Compression;

public class CompressionHistoryTests
{
    [Fact]
    public void A_few_payloads_that_do_not_shrink_change_nothing()
    {
        var history = new CompressionHistory();
        for (var payload = 0; payload < 100; payload++)
        {
            Assert.True(history.ShouldTry());
            history.Note(gotSmaller: payload % CompressionHistory.FailuresBeforeSkipping == 0);
        }
    }

    [Fact]
    public void A_long_run_that_does_not_shrink_is_hardly_tried()
    {
        var history = new CompressionHistory();
        Run(history, 100);

        Assert.Equal(10, Run(history, 10 * (CompressionHistory.MostSkipped + 1)));
    }

    [Fact]
    public void One_that_shrinks_ends_the_run()
    {
        var history = new CompressionHistory();
        Run(history, 100);
        while (!history.ShouldTry())
        {
        }

        history.Note(gotSmaller: true);

        Assert.Equal(CompressionHistory.FailuresBeforeSkipping, Run(history, CompressionHistory.FailuresBeforeSkipping));
        Assert.False(history.ShouldTry());
        Assert.True(history.ShouldTry());
    }

    [Fact]
    public void Blocks_that_do_not_shrink_do_not_keep_batches_from_being_compressed()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions { Layout = WireLayout.Lp64, MaxBatchCommands = 16, Compress = true }, output);
        var noise = new byte[4096];
        new Random(1).NextBytes(noise);
        for (var round = 0; round < 50; round++)
        {
            writer.Write(new CommandHeader { Command = CommandCode.CopyInData }, noise);
        }

        var before = writer.CompressedFrames;
        for (var command = 0; command < 10; command++)
        {
            writer.Append(new CommandHeader { Command = CommandCode.SendMessage }, default);
        }

        writer.Complete();

        Assert.Equal(0, before);
        Assert.Equal(1, writer.CompressedFrames);
    }

    // How many of so many were tried.
    private static int Run(CompressionHistory history, int payloads)
    {
        var tried = 0;
        for (var payload = 0; payload < payloads; payload++)
        {
            if (history.ShouldTry())
            {
                history.Note(gotSmaller: false);
                tried++;
            }
        }

        return tried;
    }
}
