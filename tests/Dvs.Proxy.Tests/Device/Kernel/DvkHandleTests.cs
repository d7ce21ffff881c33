using Dvs.Proxy.Device.Kernel.Calls;

namespace Dvs.Proxy.Tests.Device.Kernel;

/// <summary>What a device's descriptor is used for, by whom, and until when; on files of the real kernel, which has an ioctl for their length.</summary>
public sealed unsafe class DvkHandleTests : IDisposable
{
    private const string LinuxOnly = "the kernel device runs on Linux";
    private const uint BytesToRead = 0x541B; // FIONREAD
    private const uint NobodysRequest = 0xE3FF;
    private const int NotATerminal = -25;
    private const int DeviceLength = 7;
    private const int OtherLength = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _device = Path.GetTempFileName();
    private readonly string _other = Path.GetTempFileName();

    public DvkHandleTests()
    {
        File.WriteAllBytes(_device, new byte[DeviceLength]);
        File.WriteAllBytes(_other, new byte[OtherLength]);
    }

    public void Dispose()
    {
        File.Delete(_device);
        File.Delete(_other);
    }

    [Fact]
    public void A_disposed_device_is_closed_and_not_called_by_a_number_that_another_file_has_now()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        RunOnThread(() =>
        {
            var handle = DvkHandle.TryOpen(_device, out _)!;
            Assert.Equal(DeviceLength, Length(handle));
            handle.Dispose();
            Assert.True(handle.IsClosed);
            using var other = DvkHandle.TryOpen(_other, out _)!;

            Assert.Throws<ObjectDisposedException>(() => Length(handle));
            Assert.Throws<ObjectDisposedException>(() => handle.Call(BytesToRead, null));
            Assert.Equal(OtherLength, Length(other));
            handle.Dispose();
            Assert.Equal(OtherLength, Length(other));
        });
    }

    [Fact]
    public void Threads_that_call_while_the_device_is_disposed_reach_it_or_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        const int Rounds = 300;
        for (var round = 0; round < Rounds; round++)
        {
            var handle = DvkHandle.TryOpen(_device, out _)!;
            using var called = new CountdownEvent(2);
            var callers = new[] { StartCaller(handle, called), StartCaller(handle, called) };
            Assert.True(called.Wait(Limit));
            handle.Dispose();

            // Takes the number, if it is free.
            using var other = DvkHandle.TryOpen(_other, out _)!;
            Array.ForEach(callers, static caller => caller());
            Assert.True(handle.IsClosed);
        }
    }

    [Fact]
    public void A_thread_that_retired_calls_on_as_a_new_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        RunOnThread(() =>
        {
            using var handle = DvkHandle.TryOpen(_device, out _)!;
            for (var round = 0; round < 3; round++)
            {
                Assert.Equal(DeviceLength, Length(handle));
                Assert.False(CallerThread.IsInUse((int)handle.DangerousGetHandle()));
                CallerThread.Retire();
            }
        });
    }

    [Fact]
    public void A_failure_is_the_drivers_own_also_while_the_collector_stops_threads()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        const int Collections = 50; // each takes its time where other tests hold much
        var collector = new Thread(static () =>
        {
            for (var collection = 0; collection < Collections; collection++)
            {
                GC.Collect(0);
            }
        });
        collector.Start();
        RunOnThread(() =>
        {
            using var handle = DvkHandle.TryOpen(_device, out _)!;
            do
            {
                Assert.Equal(NotATerminal, handle.CallToEnd(CallerThread.Current, NobodysRequest, null, repeat: true));
            }
            while (collector.IsAlive);
        });
        collector.Join();
    }

    // Calls until the device is disposed; a call that reached another file would give that one's length.
    private static Action StartCaller(DvkHandle handle, CountdownEvent called) => Start(() =>
    {
        Assert.Equal(DeviceLength, Length(handle));
        called.Signal();
        try
        {
            while (true)
            {
                Assert.Equal(DeviceLength, Length(handle));
            }
        }
        catch (ObjectDisposedException)
        {
            // The end.
        }
    });

    private static int Length(DvkHandle handle)
    {
        var length = 0;
        Assert.Equal(0, handle.CallToEnd(CallerThread.Current, BytesToRead, &length, repeat: true));
        return length;
    }

    private static void RunOnThread(Action action) => Start(action)();

    // Returns what waits for the end.
    private static Action Start(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            failure = Record.Exception(action);
            CallerThread.Retire();
        })
        { IsBackground = true };
        thread.Start();
        return () =>
        {
            Assert.True(thread.Join(Limit), "the thread does not end");
            Assert.Null(failure);
        };
    }
}
