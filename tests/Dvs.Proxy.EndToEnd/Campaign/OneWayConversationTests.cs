using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Tool.Campaign;
using Dvs.Proxy.Tool.Campaign.Conversations;
using Dvs.Proxy.Tool.Campaign.Processes;

namespace Dvs.Proxy.EndToEnd.Campaign;

/// <summary>The demo's server of one-way messages notices when they come in another order, twice, or not at all.</summary>
public class OneWayConversationTests
{
    private const int Timeout = 20_000;

    [Theory]
    [InlineData(null, 0, 0, 0, 1, 0, 2)]
    [InlineData("message 1 of pair 0 came, expected 0 of 0", 0, 1, 0, 0, 0, 2)]
    [InlineData("message 0 of pair 0 came, expected 1 of 0", 0, 0, 0, 0, 0, 1)]
    [InlineData("message 2 of pair 0 came, expected 1 of 0", 0, 0, 0, 2, 0, 1)]
    [InlineData("message 0 of pair 1 came, expected 0 of 0", 1, 0, 0, 1, 0, 2)]
    public void Messages_out_of_order_are_an_error(string? error, params int[] pairsAndNumbers)
    {
        using var device = EmulatedDvk.StartNode(0);
        device.StartDc(new DcInfo { DcId = Endpoints.Dc, Name = "DC0" });
        var plan = new WorkloadPlan(WorkloadKind.OneWay, Pairs: 1, Loops: 3, StepTimeoutMilliseconds: Timeout);
        using var server = new CampaignProcess(device, "server0", Endpoints.Server(0), Timeout, self => self.Attempt("serve", () => Conversation.For(plan).Serve(self, 0)));
        using var client = new CampaignProcess(device, "client0", Endpoints.Client(plan.Kind, 0), Timeout, self => self.Attempt("drive", () =>
        {
            foreach (var sent in pairsAndNumbers.Chunk(2))
            {
                var message = CampaignMessages.Numbers(CampaignMessages.OneWay, sent[0], sent[1]);
                self.Send(Endpoints.Server(0), in message);
            }
        }));
        server.Start();
        client.Start();
        server.Release();
        client.Release();

        server.Join();
        client.Join();

        Assert.Equal(error is null ? 0 : 1, server.Tally.Errors);
        Assert.All(server.Tally.ErrorTexts, text => Assert.EndsWith(error!, text, StringComparison.Ordinal));
        Assert.Equal(error is null, server.Tally.Messages == 3);
    }
}
