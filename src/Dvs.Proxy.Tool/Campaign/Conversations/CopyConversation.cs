using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tool.Campaign.Processes;

namespace Dvs.Proxy.Tool.Campaign.Conversations;

/// <summary>
/// The classic block test. One process of the pair offers memory and waits in sendrec, as the driver wants it of the other party of a copy;
/// its partner asks the driver to pull from that memory or push into it. The source announces the MD5 of what it sends, the destination
/// compares.
/// </summary>
internal sealed class CopyConversation(WorkloadPlan plan) : IConversation
{
    private readonly bool _clientRequests = plan.Kind == WorkloadKind.ClientCopies;

    public void Serve(CampaignProcess self, int pair)
    {
        var client = Endpoints.Client(plan.Kind, pair);
        if (_clientRequests)
        {
            OfferMemory(self, client);
        }
        else
        {
            RequestCopies(self, client);
        }
    }

    public void Drive(CampaignProcess self, int pair)
    {
        if (_clientRequests)
        {
            RequestCopies(self, Endpoints.Server(pair));
        }
        else
        {
            OfferMemory(self, Endpoints.Server(pair));
        }
    }

    private void OfferMemory(CampaignProcess self, int requester)
    {
        using var memory = self.AllocateBuffer(BlockScript.MaxLength);
        for (var loop = 0; loop < plan.Loops; loop++)
        {
            foreach (var block in BlockScript.PairBlocks)
            {
                if (block.Route == BlockRoute.Pull)
                {
                    CopySteps.OfferSource(self, requester, memory, block, loop);
                }
                else
                {
                    CopySteps.OfferDestination(self, requester, memory, block, loop);
                }
            }
        }
    }

    private void RequestCopies(CampaignProcess self, int partner)
    {
        using var memory = self.AllocateBuffer(BlockScript.MaxLength);
        for (var loop = 0; loop < plan.Loops; loop++)
        {
            foreach (var block in BlockScript.PairBlocks)
            {
                // From anybody: the first message may be what makes the partner known.
                var offer = CopySteps.TakeOffer(self, WellKnownEndpoint.Any, partner, block);
                if (block.Route == BlockRoute.Pull)
                {
                    Pull(self, memory, offer, block, loop);
                }
                else
                {
                    Push(self, memory, offer, block, loop);
                }
            }
        }
    }

    private static void Pull(CampaignProcess self, DvkBuffer memory, MemoryOffer partner, Block block, int loop)
    {
        var announced = CopySteps.TakeDigest(self, partner.Endpoint, block);
        var arrived = memory.Span[..block.Length];
        arrived.Clear();
        self.Copy(partner, new MemoryOffer(self.Endpoint, memory.Address), block.Length);
        self.CheckBlock(block, loop, arrived, announced.Md5.Span);
        var done = CampaignMessages.Numbers(CampaignMessages.CopyDone, 0, block.Length);
        self.Reply(partner.Endpoint, in done);
    }

    private static void Push(CampaignProcess self, DvkBuffer memory, MemoryOffer partner, Block block, int loop)
    {
        var source = memory.Span[..block.Length];
        BlockScript.Fill(source, block.Content, loop);
        self.Copy(new MemoryOffer(self.Endpoint, memory.Address), partner, block.Length);
        var done = CampaignMessages.Md5(CampaignMessages.CopyDone, block.Length, CampaignProcess.Md5Of(source));
        self.Reply(partner.Endpoint, in done);
    }
}
