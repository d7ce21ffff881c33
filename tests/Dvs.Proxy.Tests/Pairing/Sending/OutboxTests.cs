using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Pairing.Sending;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Sending;

public class OutboxTests
{
    [Fact]
    public void Two_hundred_and_fifty_six_messages_wait_and_not_one_more()
    {
        using var device = new ScriptedProxyDevice(0);
        var outbox = new Outbox(new DriverBinding(device, 1));
        for (var number = 0; number < 256; number++)
        {
            Assert.True(outbox.TryPost(ScriptedNode.Message(0, 1, number)));
        }

        Assert.False(outbox.TryPost(ScriptedNode.Message(0, 1, 256)));
        Assert.True(outbox.TryTake(out var first));
        Assert.Equal(0, first.Message.Type);
        Assert.True(outbox.TryPost(ScriptedNode.Message(0, 1, 257)));
    }
}
