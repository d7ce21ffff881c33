using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Tests.Device.Administration;

public class DvkAdviceTests
{
    [Fact]
    public void Adding_a_node_that_no_proxy_brought_up_says_what_to_do_first()
    {
        var refusal = DvkAdvice.Refusal(DvkCall.AddNode, DvkError.NodeFree, "add node 1 to DC 0", nodeId: 1, dcId: 0);
        Assert.Equal(DvkError.NodeFree, refusal.Error);
        Assert.Equal("add node 1 to DC 0", refusal.Attempted);
        Assert.StartsWith("Could not add node 1 to DC 0: -325 EDVSNODEFREE: the node is free: no proxy has brought it up. ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Node 1 has no running proxy on this node. Start the proxy for it first", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("check with 'node info', then add the node to the DC again.", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DvkCall.GetDcInfo, DvkError.DvsNotInitialised, "'dvs init'")]
    [InlineData(DvkCall.AddNode, DvkError.Privileges, "CAP_SYS_ADMIN")]
    [InlineData(DvkCall.AddNode, DvkError.DcNotRunning, "'dc init'")]
    [InlineData(DvkCall.AddNode, DvkError.BadNodeId, "remote node")]
    [InlineData(DvkCall.AddNode, DvkError.ResourceBusy, "as many nodes")]
    [InlineData(DvkCall.NodeUp, DvkError.NoProxy, "not bound")]
    [InlineData(DvkCall.BindProxies, DvkError.ResourceBusy, "'proxy info'")]
    [InlineData(DvkCall.BindProxies, DvkError.ResourceBusy, "only a reboot frees the pair")]
    [InlineData(DvkCall.BindProxies, DvkError.BadPid, "alive")]
    [InlineData(DvkCall.GetProxyInfo, DvkError.ProxyFree, "not bound")]
    [InlineData(DvkCall.StartDc, DvkError.ResourceBusy, "another DC that runs has this name")]
    [InlineData(DvkCall.EndDc, DvkError.Fault, "Ids run from 0")]
    [InlineData(DvkCall.Bind, DvkError.BadDcId, "or the endpoint, is out of range")]
    [InlineData(DvkCall.Bind, DvkError.SlotUsed, "or the thread is bound already")]
    [InlineData(DvkCall.Message, DvkError.Endpoint, "itself")]
    [InlineData(DvkCall.Message, DvkError.BadCall, "user process")]
    [InlineData(DvkCall.ReadView, DvkError.NoEntry, "DCn/stats")]
    [InlineData(DvkCall.BindProxies, DvkError.TooBig, "65,536")]
    [InlineData(DvkCall.UnbindProxies, DvkError.NoProxy, "no proxy runs")]
    [InlineData(DvkCall.InitializeDvs, DvkError.DvsBusy, "'dvs info'")]
    [InlineData(DvkCall.Message, DvkError.NotConnected, "not connected")]
    [InlineData(DvkCall.Message, DvkError.NoProxy, "'proxy info'")]
    public void A_known_mistake_gets_its_advice(DvkCall call, DvkError error, string expected) =>
        Assert.Contains(expected, DvkAdvice.For(call, error), StringComparison.Ordinal);

    [Fact]
    public void Advice_names_what_the_call_was_about() => Assert.Contains(
        "Proxy pair 3", DvkAdvice.For(DvkCall.BindProxies, DvkError.ResourceBusy, proxyId: 3), StringComparison.Ordinal);

    [Fact]
    public void Where_there_is_nothing_to_say_nothing_is_said() => Assert.Null(DvkAdvice.For(DvkCall.Message, DvkError.Again));

    [Fact]
    public void All_advice_is_full_sentences()
    {
        foreach (var call in Enum.GetValues<DvkCall>())
        {
            foreach (var error in Enum.GetValues<DvkError>())
            {
                var advice = DvkAdvice.For(call, error);
                Assert.True(advice is null || (char.IsUpper(advice[0]) && advice[^1] == '.'), $"{call} {error}: {advice}");
            }
        }
    }

    [Fact]
    public void Every_error_has_a_name_and_a_meaning()
    {
        foreach (var error in Enum.GetValues<DvkError>().Where(error => error != DvkError.Ok))
        {
            Assert.NotEqual("EDVS?", error.GetName());
            Assert.NotEqual("not a number this driver defines", error.GetMeaning());
        }
    }
}
