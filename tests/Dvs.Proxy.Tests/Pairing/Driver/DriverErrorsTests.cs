using Dvs.Proxy.Device;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Driver;

/// <summary>What an error of the driver means for a pair.</summary>
public class DriverErrorsTests
{
    [Theory]
    [InlineData(DvkError.NotConnected, (int)PairVerdict.Disconnected, (int)PairVerdict.CallFailed, (int)PairVerdict.CallFailed)]
    [InlineData(DvkError.Shutdown, (int)PairVerdict.Unbound, (int)PairVerdict.Unbound, (int)PairVerdict.Unbound)]
    [InlineData(DvkError.DvsNotInitialised, (int)PairVerdict.Unbound, (int)PairVerdict.Unbound, (int)PairVerdict.Unbound)]
    [InlineData(DvkError.NoProxy, (int)PairVerdict.Unbound, (int)PairVerdict.Unclear, (int)PairVerdict.Unbound)]
    [InlineData(DvkError.ProxyFree, (int)PairVerdict.Unbound, (int)PairVerdict.Unclear, (int)PairVerdict.Unbound)]
    [InlineData(DvkError.BadProxy, (int)PairVerdict.Unbound, (int)PairVerdict.Unclear, (int)PairVerdict.Unbound)]
    [InlineData(DvkError.BadCall, (int)PairVerdict.Unbound, (int)PairVerdict.Unclear, (int)PairVerdict.CallFailed)]
    [InlineData(DvkError.NotBind, (int)PairVerdict.CallFailed, (int)PairVerdict.CallFailed, (int)PairVerdict.CallFailed)]
    [InlineData(DvkError.TrapDenied, (int)PairVerdict.CallFailed, (int)PairVerdict.CallFailed, (int)PairVerdict.CallFailed)]
    [InlineData(DvkError.NodeNotInDc, (int)PairVerdict.CallFailed, (int)PairVerdict.CallFailed, (int)PairVerdict.CallFailed)]
    [InlineData(DvkError.NoMemory, (int)PairVerdict.CallFailed, (int)PairVerdict.CallFailed, (int)PairVerdict.CallFailed)]
    public void Each_call_has_its_row(DvkError error, int fetch, int delivery, int pair)
    {
        Assert.Equal((PairVerdict)fetch, DriverErrors.OfFetch(error));
        Assert.Equal((PairVerdict)delivery, DriverErrors.OfDelivery(error));
        Assert.Equal((PairVerdict)pair, DriverErrors.OfPair(error));
    }

    [Fact]
    public void The_driver_is_asked_where_an_error_is_unclear_or_many_come_in_a_row()
    {
        using var device = new ScriptedProxyDevice(0);
        device.BindProxies("node1", 1, 11, 12, 65_536);
        var binding = new DriverBinding(device, 1);
        binding.OnBound(11, 12);

        Assert.False(binding.IsLost(PairVerdict.Unclear));
        Assert.False(binding.IsLost(PairVerdict.CallFailed, DriverErrors.SuspiciousCount));
        device.Unbind(1);
        Assert.False(binding.IsLost(PairVerdict.CallFailed, DriverErrors.SuspiciousCount - 1));
        Assert.True(binding.IsBound);
        Assert.True(binding.IsLost(PairVerdict.CallFailed, DriverErrors.SuspiciousCount));
        Assert.False(binding.IsBound);
    }

    [Theory]
    [InlineData(11, 13)]
    [InlineData(13, 12)]
    public void A_pair_that_other_threads_are_bound_to_is_lost(int sender, int receiver)
    {
        using var device = new ScriptedProxyDevice(0);
        device.BindProxies("node1", 1, sender, receiver, 65_536);
        var binding = new DriverBinding(device, 1);
        binding.OnBound(11, 12);

        Assert.True(binding.IsLost(PairVerdict.Unclear));
    }
}
