using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Pairing.Session.Simulation;

/// <summary>
/// Every order of events up to a bound: connections made, taken late or in the wrong order, frames and answers that arrive or are lost,
/// cuts, restarts of either side, other processes of the same node, damaged answers. In every state: nothing lost unseen, nothing twice, everything in order; and from every state: when the
/// faults end, all that is kept arrives. With <c>DVS_EXPLORE=long</c> up to as many commands as named, otherwise two.
/// </summary>
public class SessionExplorationTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("no restarts", 3, 4, 0, 0, false)]
    [InlineData("receiver restarts", 3, 3, 1, 0, false)]
    [InlineData("receiver restarts, at least once", 3, 3, 1, 0, true)]
    [InlineData("sender restarts", 3, 3, 0, 1, false)]
    [InlineData("both restart", 2, 3, 1, 1, false)]
    [InlineData("receiver restarts twice", 2, 3, 2, 0, false)]
    [InlineData("another process", 2, 3, 0, 0, false, 2)]
    [InlineData("another process, at least once", 2, 3, 0, 0, true, 2)]
    [InlineData("another process and a restart", 2, 2, 1, 0, false, 2)]
    [InlineData("damaged answers", 3, 3, 0, 0, false, 0, 2)]
    [InlineData("damaged answers, at least once", 2, 3, 0, 0, true, 0, 2)]
    [InlineData("damaged answers and a restart", 2, 3, 1, 0, false, 0, 1)]
    [InlineData("damaged answers and another process", 2, 2, 0, 0, false, 2, 1)]
    public void No_order_of_events_breaks_the_promise(
        string name, int commands, int connections, int receiverRestarts, int senderRestarts, bool atLeastOnce, int others = 0, int damages = 0)
    {
        var bound = Environment.GetEnvironmentVariable("DVS_EXPLORE") == "long" ? commands : Math.Min(commands, 2);
        var bounds = new ModelBounds(bound, connections, receiverRestarts, senderRestarts, atLeastOnce, DataModel.Ilp32, uint.MaxValue)
        {
            Others = others,
            Damages = damages,
        };
        var result = new SessionExplorer(bounds).Explore(300_000);
        output.WriteLine($"{name}: {result}");
        Assert.True(result.Violation is null, result.Violation);
        Assert.True(result.IsComplete && result.States > 1_000, result.ToString());
    }
}
