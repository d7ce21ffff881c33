using Dvs.Proxy.Device;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport.Abilities;

namespace Dvs.Proxy.Tests.Pairing;

/// <summary>A thread looks for work for so long and no longer.</summary>
public sealed class BoundedSpinTests
{
    private const int Peer = 1;
    private static readonly TimeSpan Limit = TimeSpan.FromMicroseconds(50);

    private readonly TickingTime _time = new();

    [Fact]
    public void A_reader_stops_looking_when_the_time_is_up()
    {
        var reads = new Reads(looksUntilInput: int.MaxValue);
        new BoundedSpin(Limit, _time).UntilInput(reads);
        Assert.InRange(reads.Looks, 49, 51);
    }

    [Fact]
    public void A_reader_stops_looking_when_there_is_input()
    {
        var reads = new Reads(looksUntilInput: 7);
        new BoundedSpin(Limit, _time).UntilInput(reads);
        Assert.Equal(7, reads.Looks);
    }

    [Fact]
    public void A_sender_that_found_nothing_waits_in_the_driver()
    {
        var device = Bound();
        Assert.Equal(DvkError.TimedOut, new BoundedSpin(Limit, _time).Fetch(device, out _, new byte[16], 3));
        Assert.Equal([3], device.Waits);
        Assert.InRange(_time.Looks, 50, 55);
    }

    [Fact]
    public void A_sender_finds_a_command_without_a_wait()
    {
        var device = Bound();
        device.Enqueue(new CommandHeader { Command = CommandCode.SendMessage, DestinationNode = Peer });
        Assert.Equal(DvkError.Ok, new BoundedSpin(Limit, _time).Fetch(device, out var header, new byte[16], 1_000));
        Assert.Equal(CommandCode.SendMessage, header.Command);
        Assert.Empty(device.Waits);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(50, 0)]
    public void Switched_off_or_without_a_wait_nothing_is_looked_for(int microseconds, int timeoutMilliseconds)
    {
        var device = Bound();
        var spin = new BoundedSpin(TimeSpan.FromMicroseconds(microseconds), _time);
        Assert.Equal(DvkError.TimedOut, spin.Fetch(device, out _, new byte[16], timeoutMilliseconds));
        Assert.Equal(microseconds == 0, spin.IsOff);
        Assert.Equal(0, _time.Looks);
    }

    private static ScriptedProxyDevice Bound()
    {
        var device = new ScriptedProxyDevice(0);
        device.BindProxies("node1", Peer, Environment.CurrentManagedThreadId, -1, 65_536);
        return device;
    }

    /// <summary>Each look at the clock takes a microsecond.</summary>
    private sealed class TickingTime : TimeProvider
    {
        public int Looks { get; private set; }

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => Looks++;
    }

    private sealed class Reads(int looksUntilInput) : IPolledReads
    {
        public int Looks { get; private set; }

        public bool HasInput => ++Looks >= looksUntilInput;

        public void SetReadTimeout(TimeSpan timeout)
        {
        }

        public void WaitForEnd()
        {
        }

        public void KeepInputAfterAbort()
        {
        }
    }
}
