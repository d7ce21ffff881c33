using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Device.Kernel.Calls;
using Dvs.Proxy.Device.Kernel.Records;

namespace Dvs.Proxy.Tests.Device.Kernel;

/// <summary>What the kernel device holds is given back, inherited by nobody, and as large as it says.</summary>
public sealed class KernelResourceTests : IDisposable
{
    // Any that is no device's.
    private const int Descriptor = int.MaxValue;

    private const string LinuxOnly = "the kernel device runs on Linux";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // Open files are told by their name, of which there is one: other tests of this process open files as well.
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_device_that_was_closed_or_refused_is_not_open_any_more()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        for (var round = 0; round < 100; round++)
        {
            using (DvkHandle.TryOpen(_file, out _))
            {
                Assert.Equal(1, CountOpen());
            }

            Assert.Equal(0, CountOpen());
            Assert.Throws<DvkUnavailableException>(() => KernelDvkDevice.Open(_file));
            Assert.Equal(0, CountOpen());
        }
    }

    [Fact]
    public void A_child_process_does_not_inherit_the_device()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        using var handle = DvkHandle.TryOpen(_file, out _)!;
        var flags = File.ReadLines($"/proc/self/fdinfo/{handle.DangerousGetHandle()}").First(line => line.StartsWith("flags:", StringComparison.Ordinal))["flags:".Length..].Trim();
        Assert.Equal(0x80000, Convert.ToInt32(flags, 8) & 0x80000); // O_CLOEXEC, 02000000

        using var child = Process.Start(new ProcessStartInfo("ls", "-l /proc/self/fd") { RedirectStandardOutput = true })!;
        var open = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.Contains(" -> ", open, StringComparison.Ordinal);
        Assert.DoesNotContain(_file, open, StringComparison.Ordinal);
    }

    [Fact]
    public void Places_for_names_come_back_and_whoever_finds_none_waits_for_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        const int Places = 4096 / DvkName.Size;
        RunWithin(() =>
        {
            for (var round = 0; round < 10_000; round++)
            {
                LowMemoryNames.Return(LowMemoryNames.Rent("name"));
            }

            var rented = Enumerable.Range(0, Places).Select(number => LowMemoryNames.Rent(number.ToString(CultureInfo.InvariantCulture))).ToArray();
            Assert.Equal(Places, rented.Distinct().Count());
            Assert.All(rented, static place => Assert.InRange(place, 1, int.MaxValue - DvkName.Size));
            using var asked = new ManualResetEventSlim();
            var another = Task.Factory.StartNew(
                () =>
                {
                    asked.Set();
                    return LowMemoryNames.Rent("late");
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            Assert.True(asked.Wait(Limit));
            LowMemoryNames.Return(rented[7]);
            Assert.True(another.Wait(Limit));
            Assert.Equal(rented[7], another.Result);
            Array.ForEach(rented, LowMemoryNames.Return);
        });
    }

    [Fact]
    public void The_largest_payload_is_that_of_the_pairs_that_are_bound()
    {
        var pairs = new BoundPairs();
        Assert.Equal(65_536, pairs.LargestPayload);
        pairs.Set(new BoundPair(1, 11, 12, 4_096));
        Assert.Equal(4_096, pairs.LargestPayload);
        pairs.Set(new BoundPair(2, 21, 22, 8_192));
        pairs.Set(new BoundPair(3, 31, 32, 100));
        Assert.Equal(8_192, pairs.LargestPayload);
        Assert.True(pairs.Contains(21, asSender: true));
        Assert.False(pairs.Contains(21, asSender: false));
        Assert.True(pairs.Contains(22, asSender: false));
        Assert.False(pairs.Contains(22, asSender: true));

        pairs.Set(new BoundPair(2, 23, 24, 200));
        Assert.Equal((3, 4_096, false), (pairs.All.Length, pairs.LargestPayload, pairs.Contains(21, asSender: true)));

        pairs.Remove(1);
        Assert.Equal((2, 200), (pairs.All.Length, pairs.LargestPayload));
        pairs.Remove(2);
        pairs.Remove(3);
        Assert.Equal((0, 65_536), (pairs.All.Length, pairs.LargestPayload));
    }

    [Fact]
    public void A_thread_with_the_id_of_one_that_ended_without_a_word_inherits_no_request_of_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        RunWithin(() =>
        {
            // The kernel gives an id again when it likes. Here the thread forgets who it was instead, which looks the same from the outside.
            var first = CallerThread.Current;
            CallerThread.Interrupt(first.Id);
            typeof(CallerThread).GetField("_current", BindingFlags.Static | BindingFlags.NonPublic)!.SetValue(null, null);

            var second = CallerThread.Current;

            Assert.NotSame(first, second);
            Assert.Equal(first.Id, second.Id);
            Assert.True(second.TryEnter(Descriptor));
            second.Leave();
            CallerThread.Interrupt(second.Id);
            Assert.False(second.TryEnter(Descriptor));
            CallerThread.Retire();
        });
    }

    private int CountOpen() => Directory.GetFiles("/proc/self/fd").Count(descriptor => new FileInfo(descriptor).LinkTarget == _file);

    private static void RunWithin(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(action)) { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(Limit), "the thread does not end");
        Assert.Null(failure);
    }
}
