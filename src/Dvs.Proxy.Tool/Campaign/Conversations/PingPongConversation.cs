using System.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tool.Campaign.Processes;

namespace Dvs.Proxy.Tool.Campaign.Conversations;

/// <summary>
/// The classic message test: the client does sendrec with an M1 message whose i2 is the loop number, the server answers with the same
/// number. Servers of even pairs answer by reply, those of odd ones by send, as the classic programs did.
/// </summary>
internal sealed class PingPongConversation(WorkloadPlan plan) : IConversation
{
    public void Serve(CampaignProcess self, int pair)
    {
        var client = Endpoints.Client(plan.Kind, pair);
        for (var loop = 0; loop < plan.Loops; loop++)
        {
            // From anybody: where autobind makes the client known, it is not known before its first message.
            var request = self.Receive(WellKnownEndpoint.Any);
            Check(in request, CampaignMessages.Ping, client, pair, loop);
            self.Tally.Messages++;
            var answer = CampaignMessages.Numbers(CampaignMessages.Pong, pair, loop);
            if (pair % 2 == 0)
            {
                self.Reply(client, in answer);
            }
            else
            {
                self.Send(client, in answer);
            }
        }
    }

    public void Drive(CampaignProcess self, int pair)
    {
        var server = Endpoints.Server(pair);
        for (var loop = 0; loop < plan.Loops; loop++)
        {
            var message = CampaignMessages.Numbers(CampaignMessages.Ping, pair, loop);
            var started = Stopwatch.GetTimestamp();
            self.SendReceive(server, ref message);
            self.Tally.AddRoundTrip(Stopwatch.GetElapsedTime(started));
            Check(in message, CampaignMessages.Pong, server, pair, loop);
            self.Tally.Messages++;
        }
    }

    private static void Check(in Message message, int type, int source, int pair, int loop)
    {
        CampaignMessages.ExpectSource(in message, source);
        var numbers = CampaignMessages.ReadNumbers(in message, type);
        if (numbers.I1 != pair || numbers.I2 != loop)
        {
            throw new CampaignFault($"message {numbers.I2} of pair {numbers.I1} came, expected {loop} of {pair}");
        }
    }
}
