using System.Runtime.InteropServices;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel.Calls;
using Dvs.Proxy.Fuzz.Engine;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Device.Contract;

namespace Dvs.Proxy.Tests.Device.StandIn;

/// <summary>
/// The stand-in notices what is wrong with the form of a call. Without this an empty report would prove nothing. On the stand-in.
/// </summary>
[OnStandIn]
public sealed unsafe class StandInChecksTests
{
    [Fact]
    public void A_number_that_is_none_of_the_drivers_is_a_violation() => AssertViolation((device, _) => device.Call(DvkIoctl.Send + 100, null));

    [Fact]
    public void A_number_with_another_size_is_a_violation() => AssertViolation((device, _) =>
    {
        DcNodeArguments arguments = default;
        return device.Call(DvkIoctl.AddNode + (4u << 16), &arguments);
    });

    [Fact]
    public void A_null_argument_is_a_violation() => AssertViolation((device, _) => device.Call(DvkIoctl.AddNode, null));

    [Fact]
    public void An_argument_that_is_not_aligned_is_a_violation() => AssertViolation((device, memory) => device.Call(DvkIoctl.GetDcInfo, memory + 4));

    [Fact]
    public void A_record_that_cannot_be_written_is_a_violation() => AssertViolation((device, _) =>
    {
        var arguments = new GetRecordArguments<nuint> { Id = 0, Record = 8 };
        return device.Call(DvkIoctl.GetDcInfo, &arguments);
    });

    [Fact]
    public void A_record_that_ends_beyond_the_memory_is_a_violation() => AssertViolation((device, memory) =>
    {
        var arguments = new GetRecordArguments<nuint> { Id = 0, Record = (nuint)(memory + Environment.SystemPageSize - 8) };
        return device.Call(DvkIoctl.GetDcInfo, &arguments);
    });

    [Fact]
    public void A_name_without_an_end_is_a_violation() => AssertViolation((device, memory) =>
    {
        new Span<byte>(memory, 16).Fill((byte)'x');
        var arguments = new NodeUpArguments<nuint> { Name = (nuint)memory, NodeId = 1, ProxyId = 1 };
        return device.Call(DvkIoctl.NodeUp, &arguments);
    });

    [Fact]
    public void The_name_of_a_remote_bind_above_two_gigabytes_is_a_violation() => AssertViolation((device, memory) =>
    {
        var arguments = new BindArguments { Kind = (int)BindKind.Remote, DcId = 0, Endpoint = 5, NodeId = 1, ProcessIdOrName = (int)(nint)memory };
        return device.Call(DvkIoctl.Bind, &arguments);
    });

    [Fact]
    public void A_time_out_of_half_a_word_is_a_violation() => AssertViolation((device, memory) =>
    {
        // What a 32-bit -1 in a 64-bit field looks like.
        var arguments = new IpcArguments<long> { Endpoint = WellKnownEndpoint.Any, Message = (long)memory, Timeout = 0xFFFF_FFFF };
        return device.Call(DvkIoctl.Receive, &arguments);
    });

    [Fact]
    public void A_copy_in_the_name_of_another_is_a_violation() => AssertViolation((device, memory) =>
    {
        ((CopyDescriptor*)memory)->RequesterEndpoint = 5;
        return device.Call(DvkIoctl.VirtualCopy, memory);
    });

    [Fact]
    public void A_command_without_a_payload_address_is_a_violation() => AssertViolation((device, memory) =>
    {
        var arguments = new PutToLocalArguments<nint> { Command = (nint)memory, Payload = 0 };
        return device.Call(DvkIoctl.PutToLocal, &arguments);
    });

    [Fact]
    public void A_kernel_with_a_longer_mask_of_CPUs_writes_that_much_more() => Assert.Equal(1024 - 128, BytesWritten("cpumask=1024") - BytesWritten(""));

    [Theory]
    [InlineData("", true)]
    [InlineData("strict=1", false)]
    public void Whoever_the_module_never_lets_go_is_stuck_only_where_that_is_asked_for(string options, bool returns)
    {
        // Not disposed, and the thread is left alone: it may never come back. The device itself would not make the first call.
#pragma warning disable CA2000
        var name = StandInNode.NewName();
        var owner = StandInNode.Open(name);
        owner.InitializeDvs(0, new DvsInfo());
        owner.StartDc(new DcInfo { DcId = 0 });
        var device = DvkHandle.TryOpen($"/dev/dvk@{name},{options}", out _)!;
        var results = new System.Collections.Concurrent.BlockingCollection<int>();
#pragma warning restore CA2000
        new Thread(() =>
        {
            owner.TryBind(BindRequest.Self(0, 1), out _);
            foreach (var endpoint in new[] { WellKnownEndpoint.Self, WellKnownEndpoint.Any })
            {
                Message message;
                var arguments = new IpcArguments<nint> { Endpoint = endpoint, Message = (nint)(&message), Timeout = 0 };
                results.Add(device.Call(DvkIoctl.Receive, &arguments));
            }
        })
        { IsBackground = true }.Start();
        Assert.True(results.TryTake(out var result, DriverThread.Limit));
        Assert.Equal((int)DvkError.Endpoint, result);
        Assert.Equal(returns, results.TryTake(out result, returns ? (int)DriverThread.Limit.TotalMilliseconds : 300));
        Assert.Equal(returns ? (int)DvkError.Again : 0, result);
    }

    // How much of a record the driver fills in; the mask, which is its end, has every CPU set.
    private static int BytesWritten(string options)
    {
        var name = StandInNode.NewName();
        using var owner = StandInNode.Open(name);
        owner.InitializeDvs(0, new DvsInfo());
        owner.StartDc(new DcInfo { DcId = 0 });
        using var device = DvkHandle.TryOpen($"/dev/dvk@{name},{options}", out _);
        Assert.NotNull(device);
        Span<long> record = stackalloc long[512];
        record.Clear();
        fixed (long* memory = record)
        {
            var arguments = new GetProcessInfoArguments<nuint> { DcId = 0, Number = 5, Process = (nuint)memory };
            Assert.Equal(0, device.Call(DvkIoctl.GetProcessInfo, &arguments));
        }

        return 1 + MemoryMarshal.AsBytes(record).LastIndexOfAnyExcept((byte)0);
    }

    private static void AssertViolation(MakeCall call)
    {
        var process = NativeLibrary.GetMainProgramHandle();
        var expect = (delegate* unmanaged<void>)NativeLibrary.GetExport(process, "dvk_standin_expect_violations");
        var count = (delegate* unmanaged<int>)NativeLibrary.GetExport(process, "dvk_standin_expected_violations");
        var name = StandInNode.NewName();
        using var owner = StandInNode.Open(name);
        owner.InitializeDvs(0, new DvsInfo());
        owner.StartDc(new DcInfo { DcId = 0 });
        using var device = DvkHandle.TryOpen($"/dev/dvk@{name}", out _);
        Assert.NotNull(device);

        // The guard stays mapped: a page given back would be taken by another thread's allocation, and then it can be written.
        using var guarded = new GuardedMemory(Environment.SystemPageSize);
        fixed (byte* memory = guarded.Tail(Environment.SystemPageSize))
        {
            expect();
            var result = call(device, memory);
            Assert.Equal(1, count());
            Assert.True(result < 0);
        }
    }

    private delegate int MakeCall(DvkHandle device, byte* memory);
}
