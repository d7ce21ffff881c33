using System.IO.Pipelines;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Tests.Transport.Pipes;

public sealed class ProxyPipesTests
{
    [Fact]
    public async Task A_read_that_completes_later_wakes_the_thread_every_time_without_allocating()
    {
        var options = new PipeOptions(
            readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false);
        var there = new Pipe(options);
        var back = new Pipe(options);
        var echoing = Patience.OnThread(() => Measure(() => Receive(there.Reader), () => Send(back.Writer)));
        var asking = Patience.OnThread(() => Measure(() => Send(there.Writer), () => Receive(back.Reader)));
        Assert.Equal(0, await asking.Soon());
        Assert.Equal(0, await echoing.Soon());

        static long Measure(Action first, Action second)
        {
            const int Rounds = 5000;
            return Allocations.Least(() =>
            {
                for (var round = 0; round < Rounds; round++)
                {
                    first();
                    second();
                }
            });
        }
    }

    [Fact]
    public async Task Results_and_errors_of_any_operation_come_to_the_waiting_thread()
    {
        var later = new TaskCompletionSource<int>();
        var waiting = Patience.OnThread(() => new ValueTask<int>(later.Task).WaitBlocking());
        later.SetResult(42);
        Assert.Equal(42, await waiting.Soon());

        var failing = new TaskCompletionSource();
        var failed = Patience.OnThread(() => new ValueTask(failing.Task).WaitBlocking());
        failing.SetException(new IOException("cable cut"));
        Assert.Equal("cable cut", (await Assert.ThrowsAsync<IOException>(() => failed.Soon())).Message);
    }

    [Fact]
    public void What_is_complete_already_does_not_wait()
    {
        Assert.Equal(7, new ValueTask<int>(7).WaitBlocking());
        default(ValueTask).WaitBlocking();
    }

    private static void Send(PipeWriter writer)
    {
        writer.GetSpan(1)[0] = 1;
        writer.Advance(1);
        writer.FlushBlocking();
    }

    private static void Receive(PipeReader reader) => reader.AdvanceTo(reader.ReadBlocking().Buffer.End);
}
