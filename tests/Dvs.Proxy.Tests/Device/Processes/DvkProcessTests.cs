using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Device.Processes;

public sealed class DvkProcessTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly EmulatedDvk _device = EmulatedDvk.StartNode(0);

    public DvkProcessTests() => _device.StartDc(new DcInfo { DcId = 0 });

    public void Dispose() => _device.Dispose();

    [Fact]
    public void Processes_talk_and_copy()
    {
        using var go = new ManualResetEventSlim();
        var server = DvkProcess.Start(_device, 0, 3, "server", process =>
        {
            go.Wait();
            using var buffer = process.AllocateBuffer(100);
            buffer.Span.Fill(7);
            var request = process.ReceiveRequest();
            process.Copy(process.Endpoint, buffer.Address, request.Source, BitConverter.ToUInt64(request.Body.ReadOnlyBytes), 100);
            process.Notify(4);
            process.Reply(request.Source, request);
            // A notification goes with its notifier: stay until it was received.
            process.Receive(4);
        });
        var client = DvkProcess.Start(_device, 0, 2, "client", process =>
        {
            go.Wait();
            using var buffer = process.AllocateBuffer(100);
            var message = new Message { Type = 1 };
            BitConverter.TryWriteBytes(message.Body.Bytes, buffer.Address);
            process.SendReceive(3, ref message);
            Assert.True(buffer.Span.IndexOfAnyExcept((byte)7) < 0);
            process.Send(4, message);
        });
        var observer = DvkProcess.Start(_device, 0, 4, "observer", process =>
        {
            go.Wait();
            Assert.Equal(3, process.Receive().Source);
            Assert.Equal(2, process.Receive(2).Source);
            process.Send(3, default);
        });
        go.Set();
        Assert.All(new[] { server, client, observer }, p => Assert.True(p.Join(Limit)));
        Assert.Equal(ProcessStatus.SlotFree, _device.GetProcessInfo(0, 3).Status);
    }

    [Theory]
    [InlineData(null, "a process with a long name", "a process with ")]
    [InlineData("its thread", "process", "its thread")]
    public void A_thread_without_a_name_gets_that_of_its_process(string? threadName, string processName, string expected)
    {
        var name = "";
        var thread = new Thread(() =>
        {
            using var process = DvkProcess.Bind(_device, 0, 3, processName);
            name = _device.GetProcessInfo(0, 3).Name;
        })
        { Name = threadName };
        thread.Start();
        Assert.True(thread.Join(Limit));
        Assert.Equal(expected, name);
    }

    [Fact]
    public void What_was_disposed_of_is_bound_no_more()
    {
        DvkProcess.Bind(_device, 0, 3, "first").Dispose();
        Assert.Equal(ProcessStatus.SlotFree, _device.GetProcessInfo(0, 3).Status);
        using var again = DvkProcess.Bind(_device, 0, 3, "again");
        Assert.Equal(3, again.Endpoint);
    }

    [Fact]
    public void Refusals_say_who_wanted_what()
    {
        using var process = DvkProcess.Bind(_device, 0, 3, "lonely");
        Assert.Equal(DvkError.DestinationDied, process.TrySend(4, default));
        var refusal = Assert.Throws<DvkException>(() => process.Send(4, default));
        Assert.Equal(DvkError.DestinationDied, refusal.Error);
        Assert.Contains("endpoint 4", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("lonely", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(DvkError.Again, Assert.Throws<DvkException>(() => process.Receive(timeout: TimeSpan.Zero)).Error);
        Assert.Throws<DvkException>(() => process.ReceiveRequest(TimeSpan.Zero));
        Assert.Throws<DvkException>(() => process.Reply(4, default));
        Assert.Throws<DvkException>(() => process.Notify(4));
        Assert.Throws<DvkException>(() => process.Copy(3, 0, 4, 0, 10));
        var message = default(Message);
        Assert.Throws<DvkException>(() => process.SendReceive(4, ref message));
        Assert.Equal(DvkError.SlotUsed, Assert.Throws<DvkException>(() => DvkProcess.Bind(_device, 0, 4, "second")).Error);
    }

    [Fact]
    public void A_call_from_another_thread_is_told_so()
    {
        using var process = DvkProcess.Bind(_device, 0, 3, "mine");
        Exception? caught = null;
        var thread = new Thread(() => caught = Record.Exception(() => process.TrySend(4, default)));
        thread.Start();
        Assert.True(thread.Join(Limit));
        Assert.Contains("thread", Assert.IsType<InvalidOperationException>(caught).Message, StringComparison.Ordinal);
        process.Dispose();
        Assert.Throws<ObjectDisposedException>(() => process.TrySend(4, default));
    }

    [Fact]
    public void Start_and_join_pass_failures_on()
    {
        var refused = Assert.Throws<DvkException>(() => DvkProcess.Start(_device, 9, 3, "nowhere", _ => { }));
        Assert.Equal(DvkError.DcNotRunning, refused.Error);
        var failing = DvkProcess.Start(_device, 0, 3, "failing", _ => throw new InvalidDataException("on purpose"));
        Assert.Equal("on purpose", Assert.Throws<InvalidDataException>(() => failing.Join(Limit)).Message);
        Assert.IsType<InvalidDataException>(failing.Exception);
        Assert.False(failing.IsRunning);
        var blocked = DvkProcess.Start(_device, 0, 3, "blocked", process => Assert.Equal(DvkError.Interrupted, process.TryReceive(WellKnownEndpoint.Any, out _)));
        Assert.False(blocked.Join(TimeSpan.Zero));
        Assert.Equal(3, blocked.Endpoint);
        blocked.Interrupt();
        Assert.True(blocked.Join(Limit));
    }

    [Fact]
    public void A_token_ends_a_wait_and_the_process_goes_on()
    {
        using var cancel = new CancellationTokenSource();
        using var ended = new CancellationTokenSource();
        using var cancelled = new ManualResetEventSlim();
        ended.Cancel();
        var server = DvkProcess.Start(_device, 0, 3, "server", process =>
        {
            Assert.Throws<OperationCanceledException>(() => process.Receive(cancellationToken: ended.Token));
            Assert.Equal(cancel.Token, Assert.Throws<OperationCanceledException>(() => process.TryReceive(WellKnownEndpoint.Any, out _, null, cancel.Token)).CancellationToken);
            cancelled.Set();
            Assert.Equal(4, process.Receive(timeout: Limit, cancellationToken: CancellationToken.None).Source);
        });
        Eventually.True(() => (_device.GetProcessInfo(0, 3).Status & ProcessStatus.Receiving) != 0, "the server waits");
        cancel.Cancel();
        Assert.True(cancelled.Wait(Limit));
        using (var client = DvkProcess.Bind(_device, 0, 4, "client"))
        {
            client.Send(3, default, Limit);
        }

        Assert.True(server.Join(Limit));
    }

    [Fact]
    public void A_token_that_comes_too_late_interrupts_no_later_call()
    {
        using var cancel = new CancellationTokenSource();
        using var device = new CancellingDevice(_device, cancel);
        using var process = DvkProcess.Bind(device, 0, 3, "late");

        // The token is cancelled after the driver has answered, before the call has returned: the answer counts.
        Assert.Equal(DvkError.Again, process.TryReceive(WellKnownEndpoint.Any, out _, TimeSpan.Zero, cancel.Token));
        Assert.True(cancel.IsCancellationRequested);
        Assert.Equal(DvkError.TimedOut, process.TryReceive(WellKnownEndpoint.Any, out _, TimeSpan.FromMilliseconds(20)));
    }

    [Fact]
    public async Task Completion_and_disposal_wait_for_the_end()
    {
        var blocked = DvkProcess.Start(_device, 0, 3, "blocked", process => process.TryReceive(WellKnownEndpoint.Any, out _));
        Assert.False(blocked.Completion.IsCompleted);
        await blocked.DisposeAsync().AsTask().WaitAsync(Limit);
        Assert.True(blocked.Completion.IsCompletedSuccessfully);
        Assert.Equal(ProcessStatus.SlotFree, _device.GetProcessInfo(0, 3).Status);

        await using var failing = DvkProcess.Start(_device, 0, 3, "failing", static _ => throw new InvalidDataException("on purpose"));
        Assert.Equal("on purpose", (await Assert.ThrowsAsync<InvalidDataException>(() => failing.Completion.WaitAsync(Limit))).Message);
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(3_000_000_000)]
    public void A_time_out_that_the_driver_cannot_count_is_refused(long milliseconds)
    {
        using var process = DvkProcess.Bind(_device, 0, 3, "patient");
        Assert.Throws<ArgumentOutOfRangeException>("timeout", () => process.TryReceive(WellKnownEndpoint.Any, out _, TimeSpan.FromMilliseconds(milliseconds)));
    }

    /// <summary>Cancels as the first receive ends.</summary>
    private sealed class CancellingDevice(IDvkDevice inner, CancellationTokenSource cancel) : DelegatingDvkDevice(inner)
    {
        public override DvkError Receive(int endpoint, out Message message, int timeoutMilliseconds)
        {
            var error = base.Receive(endpoint, out message, timeoutMilliseconds);
            cancel.Cancel();
            return error;
        }
    }

    [Fact]
    public async Task A_body_that_fails_is_reported_at_once_and_to_whoever_joins()
    {
        var told = new TaskCompletionSource<(Exception Failure, bool IsBound)>();
        var process = DvkProcess.Start(
            _device, 0, 3, "failing", static _ => throw new InvalidDataException("as it should"),
            failure => told.SetResult((failure, (_device.GetProcessInfo(0, 3).Status & ProcessStatus.SlotFree) == 0)));

        var (failure, _) = await told.Task.WaitAsync(Limit);

        Assert.Equal("as it should", Assert.IsType<InvalidDataException>(failure).Message);
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidDataException>(() => process.Completion.WaitAsync(Limit)));
    }

    [Fact]
    public async Task An_end_that_was_asked_for_is_no_failure()
    {
        var told = 0;
        using var cancel = new CancellationTokenSource();
        var interrupted = DvkProcess.Start(_device, 0, 3, "interrupted", static process => process.Receive(), _ => told++);
        var cancelled = DvkProcess.Start(_device, 0, 4, "cancelled", process => process.Receive(cancellationToken: cancel.Token), _ => told++);
        Eventually.True(
            () => (_device.GetProcessInfo(0, 3).Status & _device.GetProcessInfo(0, 4).Status & ProcessStatus.Receiving) != 0, "both wait");

        await cancel.CancelAsync();
        await interrupted.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Completion.WaitAsync(Limit));

        Assert.Equal(0, told);
    }

    [Fact]
    public async Task A_report_that_fails_itself_changes_nothing()
    {
        var process = DvkProcess.Start(
            _device, 0, 3, "failing", static _ => throw new InvalidDataException("as it should"), static _ => throw new InvalidOperationException("worse"));

        await Assert.ThrowsAsync<InvalidDataException>(() => process.Completion.WaitAsync(Limit));
        Assert.Equal(ProcessStatus.SlotFree, _device.GetProcessInfo(0, 3).Status);
    }
}
