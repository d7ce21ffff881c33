using System.Diagnostics;
using System.Runtime.InteropServices;
using Dvs.Proxy.Device.Kernel.Calls;
using Dvs.Proxy.Interop;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Device.Kernel;

/// <summary>
/// The wake-up of a sleeping thread, on system calls of the real kernel that sleep as the driver does: they end with EINTR for any handled signal.
/// </summary>
public unsafe class CallerThreadTests
{
    private const int Interrupted = 4;

    // Any that is no device's.
    private const int Descriptor = int.MaxValue;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private const string LinuxOnly = "signals to threads are a thing of Linux";

    [Fact]
    public void A_thread_asleep_in_poll_returns_with_EINTR()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        using var entered = new ManualResetEventSlim();
        using var worker = new Worker(thread =>
        {
            Assert.True(thread.TryEnter(Descriptor));
            entered.Set();
            int result, error;
            do
            {
                result = Poll(null, 0, -1);
                error = Marshal.GetLastPInvokeError();
                thread.Leave();
            }
            while (!thread.TryAcknowledge() && thread.TryEnter(Descriptor)); // a signal of the runtime's own ends poll as well
            Assert.Equal((-1, Interrupted), (result, error));
        });
        Assert.True(entered.Wait(Limit));
        worker.WaitUntilAsleep();
        CallerThread.Interrupt(worker.Id);
        worker.Join();
    }

    [Fact]
    public void A_thread_asleep_in_read_returns_with_EINTR_because_nothing_restarts_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream();
        var descriptor = (int)pipe.ClientSafePipeHandle.DangerousGetHandle();
        using var entered = new ManualResetEventSlim();
        using var worker = new Worker(thread =>
        {
            byte one;
            Assert.True(thread.TryEnter(Descriptor));
            entered.Set();
            var result = Read(descriptor, &one, 1);
            var error = Marshal.GetLastPInvokeError();
            thread.Leave();
            Assert.Equal((-1, Interrupted), (result, error));
            Assert.True(thread.TryAcknowledge());
        });
        Assert.True(entered.Wait(Limit));
        worker.WaitUntilAsleep();
        CallerThread.Interrupt(worker.Id);
        worker.Join();
    }

    [Fact]
    public void A_request_that_comes_before_the_call_ends_exactly_one_call()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        using var requested = new ManualResetEventSlim();
        using var worker = new Worker(thread =>
        {
            Assert.True(requested.Wait(Limit));
            Assert.False(thread.TryEnter(Descriptor));
            Assert.True(thread.TryEnter(Descriptor));
            thread.Leave();
            Assert.False(thread.TryAcknowledge());
        });
        CallerThread.Interrupt(worker.Id);
        CallerThread.Interrupt(worker.Id);
        requested.Set();
        worker.Join();
    }

    [Fact]
    public void A_signal_that_comes_just_before_the_sleep_is_sent_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        using var inside = new ManualResetEventSlim();
        var before = new Stopwatch();
        using var worker = new Worker(thread =>
        {
            Assert.True(thread.TryEnter(Descriptor));
            inside.Set();
            // The window: the thread has looked for a request and found none, and does not sleep yet. Signals that come now do nothing.
            before.Start();
            while (before.ElapsedMilliseconds < 50)
            {
                Thread.SpinWait(100);
            }

            var result = Poll(null, 0, (int)Limit.TotalMilliseconds);
            thread.Leave();
            Assert.Equal(-1, result);
            Assert.True(thread.TryAcknowledge());
        });
        Assert.True(inside.Wait(Limit));
        CallerThread.Interrupt(worker.Id);
        worker.Join();
    }

    [Fact]
    public void No_interrupt_is_lost_and_none_reaches_a_second_call_while_the_collector_runs()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        const int Rounds = 300;
        var ended = 0;
        using var worker = new Worker(thread =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                // Sleeps until its one request comes; a timer would show a lost one.
                while (true)
                {
                    if (!thread.TryEnter(Descriptor))
                    {
                        break;
                    }

                    var result = Poll(null, 0, (int)Limit.TotalMilliseconds);
                    thread.Leave();
                    Assert.Equal(-1, result);
                    if (thread.TryAcknowledge())
                    {
                        break;
                    }
                }

                // A stray signal would show here, if there is time for it to come.
                var rest = Poll(null, 0, 1);
                Assert.Equal(0, rest);
                Volatile.Write(ref ended, round + 1);
            }
        });
        for (var round = 0; round < Rounds; round++)
        {
            CallerThread.Interrupt(worker.Id);
            if (round % 16 == 0)
            {
                GC.Collect();
            }

            var limit = Stopwatch.StartNew();
            while (Volatile.Read(ref ended) <= round && worker.IsAlive)
            {
                Assert.True(limit.Elapsed < Limit, $"interrupt {round} was lost");
                Thread.Yield();
            }
        }

        worker.Join();
    }

    [Fact]
    public void A_thread_that_does_not_exist_is_nothing_to_wait_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        var id = 0;
        using (var worker = new Worker(thread => id = thread.Id))
        {
            worker.Join();
        }

        Eventually.True(() => !Libc.SignalThread(id, 0), "the kernel has let go of the thread");
        using var interrupter = new Worker(_ => CallerThread.Interrupt(id));
        interrupter.Join();
    }

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static extern int Poll(void* descriptors, nuint count, int timeout);

    [DllImport("libc", EntryPoint = "read", SetLastError = true)]
    private static extern nint Read(int descriptor, void* buffer, nuint count);

    /// <summary>A thread of its own that does one thing; what goes wrong there comes out at <see cref="Join"/>.</summary>
    private sealed class Worker : IDisposable
    {
        private readonly Thread _thread;
        private readonly ManualResetEventSlim _started = new();
        private Exception? _failure;

        internal Worker(Action<CallerThread> work)
        {
            _thread = new Thread(() =>
            {
                var thread = CallerThread.Current;
                Id = thread.Id;
                _started.Set();
                _failure = Record.Exception(() => work(thread));
                CallerThread.Retire();
            })
            { IsBackground = true };
            _thread.Start();
            Assert.True(_started.Wait(Limit));
        }

        internal int Id { get; private set; }

        internal bool IsAlive => _thread.IsAlive;

        /// <summary>Waits until the kernel says that the thread sleeps.</summary>
        internal void WaitUntilAsleep() => Eventually.True(
            () => File.ReadAllText($"/proc/self/task/{Id}/stat").Split(") ")[1][0] == 'S', "the thread sleeps");

        internal void Join()
        {
            Assert.True(_thread.Join(Limit), "the thread does not end");
            if (_failure is not null)
            {
                throw new InvalidOperationException("The thread failed.", _failure);
            }
        }

        public void Dispose() => _started.Dispose();
    }
}
