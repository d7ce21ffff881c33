using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tool.Campaign.Processes;

namespace Dvs.Proxy.Tool.Campaign.Conversations;

/// <summary>Client and server notify each other in turn: notifications that come too fast would merge, which is what they are for.</summary>
internal sealed class NotifyConversation(WorkloadPlan plan) : IConversation
{
    public void Serve(CampaignProcess self, int pair)
    {
        var client = Endpoints.Client(plan.Kind, pair);
        for (var loop = 0; loop < plan.Loops; loop++)
        {
            ReceiveNotification(self, WellKnownEndpoint.Any, client);
            self.Notify(client);
        }
    }

    public void Drive(CampaignProcess self, int pair)
    {
        var server = Endpoints.Server(pair);
        for (var loop = 0; loop < plan.Loops; loop++)
        {
            self.Notify(server);
            ReceiveNotification(self, server, server);
        }
    }

    private static void ReceiveNotification(CampaignProcess self, int from, int notifier)
    {
        var message = self.Receive(from);
        CampaignMessages.Expect(in message, CampaignMessages.NotifyBase + notifier);
        self.Tally.Messages++;
    }
}
