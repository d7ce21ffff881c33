using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tool.Campaign.Processes;

namespace Dvs.Proxy.Tool.Campaign.Conversations;

/// <summary>
/// A requester that is neither source nor destination. Server 0 asks for the copies; server 1 and both clients offer memory, as
/// <see cref="BlockRoute"/> says.
/// </summary>
internal sealed class ThirdPartyCopyConversation(WorkloadPlan plan) : IConversation
{
    private const int Participants = 3;

    private static readonly int Requester = Endpoints.Server(0);
    private static readonly int SecondServer = Endpoints.Server(1);
    private static readonly int FirstClient = Endpoints.UserClient(0);
    private static readonly int SecondClient = Endpoints.UserClient(1);

    public void Serve(CampaignProcess self, int pair)
    {
        if (pair == 0)
        {
            RequestCopies(self);
        }
        else
        {
            OfferMemory(self);
        }
    }

    public void Drive(CampaignProcess self, int pair) => OfferMemory(self);

    private void RequestCopies(CampaignProcess self)
    {
        GatherParticipants(self);
        for (var loop = 0; loop < plan.Loops; loop++)
        {
            foreach (var block in BlockScript.ThirdPartyBlocks)
            {
                RequestCopy(self, block);
            }
        }
    }

    // Makes all of them known before one is waited for by its endpoint. Nobody is answered before all have come: the next message may follow at once.
    private static void GatherParticipants(CampaignProcess self)
    {
        List<Message> hellos = [];
        while (hellos.Count < Participants)
        {
            var hello = self.Receive(WellKnownEndpoint.Any);
            CampaignMessages.Expect(in hello, CampaignMessages.Hello);
            hellos.Add(hello);
        }

        hellos.ForEach(hello => self.Reply(hello.Source, in hello));
    }

    private static void RequestCopy(CampaignProcess self, Block block)
    {
        var (from, to) = Parties(block.Route);
        var source = CopySteps.TakeOffer(self, from, from, block);
        var announced = CopySteps.TakeDigest(self, from, block);
        var destination = CopySteps.TakeOffer(self, to, to, block);
        self.Copy(source, destination, block.Length);
        var sent = CampaignMessages.Numbers(CampaignMessages.CopyDone, 0, block.Length);
        self.Reply(from, in sent);
        var arrived = CampaignMessages.Md5(CampaignMessages.CopyDone, block.Length, announced.Md5.Span);
        self.Reply(to, in arrived);
    }

    private void OfferMemory(CampaignProcess self)
    {
        using var memory = self.AllocateBuffer(BlockScript.MaxLength);
        var hello = CampaignMessages.Numbers(CampaignMessages.Hello, 0, 0);
        self.SendReceive(Requester, ref hello);
        for (var loop = 0; loop < plan.Loops; loop++)
        {
            foreach (var block in BlockScript.ThirdPartyBlocks)
            {
                var (source, destination) = Parties(block.Route);
                if (source == self.Endpoint)
                {
                    CopySteps.OfferSource(self, Requester, memory, block, loop);
                }
                else if (destination == self.Endpoint)
                {
                    CopySteps.OfferDestination(self, Requester, memory, block, loop);
                }
            }
        }
    }

    private static (int Source, int Destination) Parties(BlockRoute route) => route switch
    {
        BlockRoute.ClientToClient => (FirstClient, SecondClient),
        BlockRoute.ClientToServer => (FirstClient, SecondServer),
        BlockRoute.ServerToClient => (SecondServer, FirstClient),
        _ => throw new ArgumentOutOfRangeException(nameof(route), route, "not a route of a third party"),
    };
}
