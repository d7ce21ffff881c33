using Dvs.Proxy.Pairing.Sending;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;
using Microsoft.Extensions.Time.Testing;

namespace Dvs.Proxy.Tests.Pairing.Sending;

public class HeaderCompletionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private readonly ScriptedProxyDevice _device = new(0);
    private readonly FakeTimeProvider _time = new(Now);

    [Fact]
    public void A_header_the_driver_completed_costs_no_driver_call()
    {
        var header = new CommandHeader { Command = CommandCode.SendMessage, ProcessId = 12, Timestamp = new Timestamp(5, 6) };

        Complete(ref header);

        Assert.Equal(12, header.ProcessId);
        Assert.Equal(new Timestamp(5, 6), header.Timestamp);
        Assert.Empty(_device.Calls);
    }

    [Fact]
    public void An_older_drivers_header_gets_pid_and_time()
    {
        var header = new CommandHeader { Command = CommandCode.SendMessage, DcId = 3, SourceEndpoint = 40 };

        Complete(ref header);

        Assert.Equal(_device.SourceProcessId, header.ProcessId);
        Assert.Equal(Now, header.Timestamp.ToDateTimeOffset());
        Assert.Equal(["getprocinfo 3 40"], _device.Calls);
    }

    [Fact]
    public void The_slot_is_asked_for_not_the_endpoint_of_a_later_generation()
    {
        var header = new CommandHeader { Command = CommandCode.SendMessage, SourceEndpoint = 35 + 0x8ace + 1 + 40 };

        Complete(ref header);

        Assert.Equal(["getprocinfo 0 40"], _device.Calls);
    }

    [Fact]
    public void An_acknowledgement_of_a_driver_that_stamps_the_time_is_left_without_pid()
    {
        var header = new CommandHeader { Command = CommandCode.SendAck, Timestamp = new Timestamp(5, 6) };

        Complete(ref header);

        Assert.Equal(0, header.ProcessId);
        Assert.Empty(_device.Calls);
    }

    [Fact]
    public void With_sendpid_off_only_the_time_is_filled_in()
    {
        var header = new CommandHeader { Command = CommandCode.SendMessage };

        new HeaderCompletion(_device, _time, 35, fillInProcessId: false).Apply(ref header);

        Assert.Equal(0, header.ProcessId);
        Assert.False(header.Timestamp.IsEmpty);
        Assert.Empty(_device.Calls);
    }

    private void Complete(ref CommandHeader header) => new HeaderCompletion(_device, _time, 35, fillInProcessId: true).Apply(ref header);
}
