using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tool.Campaign.Processes;

namespace Dvs.Proxy.Tool.Campaign.Conversations;

/// <summary>The client sends, the server receives and holds the numbers against their order.</summary>
internal sealed class OneWayConversation(WorkloadPlan plan) : IConversation
{
    public void Serve(CampaignProcess self, int pair)
    {
        var client = Endpoints.Client(plan.Kind, pair);
        for (var loop = 0; loop < plan.Loops; loop++)
        {
            var message = self.Receive(WellKnownEndpoint.Any);
            CampaignMessages.ExpectSource(in message, client);
            var numbers = CampaignMessages.ReadNumbers(in message, CampaignMessages.OneWay);
            if (numbers.I1 != pair || numbers.I2 != loop)
            {
                throw new CampaignFault($"message {numbers.I2} of pair {numbers.I1} came, expected {loop} of {pair}");
            }

            self.Tally.Messages++;
        }
    }

    public void Drive(CampaignProcess self, int pair)
    {
        for (var loop = 0; loop < plan.Loops; loop++)
        {
            var message = CampaignMessages.Numbers(CampaignMessages.OneWay, pair, loop);
            self.Send(Endpoints.Server(pair), in message);
        }
    }
}
