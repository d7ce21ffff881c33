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
        Assert.Equal((PairVerdict)fetch, DriverErrors.Of(DriverCall.Fetch, error));
        Assert.Equal((PairVerdict)delivery, DriverErrors.Of(DriverCall.Delivery, error));
        Assert.Equal((PairVerdict)pair, DriverErrors.Of(DriverCall.NamesPair, error));
    }

    [Fact]
    public void No_error_has_two_rows_and_each_row_says_why()
    {
        Assert.Equal(DriverErrors.Rows.Count, DriverErrors.Rows.Select(static row => row.Error).Distinct().Count());
        Assert.All(DriverErrors.Rows, static row => Assert.False(string.IsNullOrWhiteSpace(row.Reason)));
    }

    // A delivery that the driver does not answer itself is the outcome of one command: what ends the pair is nobody's to answer.
    [Fact]
    public void An_error_that_the_driver_leaves_to_us_to_answer_never_ends_the_pair() =>
        Assert.All(
            DriverErrors.Rows.Where(static row => row.IsSilent),
            static row => Assert.Equal((PairVerdict.CallFailed, true), (row.OfDelivery, DriverErrors.IsSilent(row.Error))));

    [Theory]
    [InlineData(DvkError.BadDcId)]
    [InlineData(DvkError.DcNotRunning)]
    [InlineData(DvkError.Range)]
    [InlineData(DvkError.BadNodeId)]
    [InlineData(DvkError.NodeNotInDc)]
    [InlineData(DvkError.NoNode)]
    [InlineData(DvkError.LocalProcess)]
    [InlineData(DvkError.Enqueued)]
    [InlineData(DvkError.NotBind)]
    [InlineData(DvkError.Endpoint)]
    public void After_these_nobody_else_answers_the_caller(DvkError error) => Assert.True(DriverErrors.IsSilent(error));

    [Theory]
    [InlineData(DvkError.TrapDenied)]
    [InlineData(DvkError.DestinationDied)]
    [InlineData(DvkError.NoMemory)]
    [InlineData(DvkError.Shutdown)]
    public void After_these_the_driver_answers_or_nobody_does(DvkError error) => Assert.False(DriverErrors.IsSilent(error));

    [Fact]
    public void The_driver_is_asked_where_an_error_is_unclear_or_many_come_in_a_row()
    {
        using var device = new ScriptedProxyDevice(0);
        device.BindProxies("node1", 1, 11, 12, 65_536);
        var binding = new DriverBinding(device, 1);
        Bind(binding);

        Assert.False(binding.CheckLost(PairVerdict.Unclear));
        Assert.False(binding.CheckLost(PairVerdict.CallFailed, DriverErrors.SuspiciousCount));
        device.Unbind(1);
        Assert.False(binding.CheckLost(PairVerdict.CallFailed, DriverErrors.SuspiciousCount - 1));
        Assert.True(binding.IsBound);
        Assert.True(binding.CheckLost(PairVerdict.CallFailed, DriverErrors.SuspiciousCount));
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
        Bind(binding);

        Assert.True(binding.CheckLost(PairVerdict.Unclear));
    }

    private static void Bind(DriverBinding binding)
    {
        binding.OnSenderStarted(11);
        binding.OnReceiverStarted(12);
        binding.OnBound();
    }
}
