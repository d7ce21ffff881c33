using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Messages;
using Dvs.Proxy.Tool.Campaign.Processes;

namespace Dvs.Proxy.Tool.Campaign.Conversations;

/// <summary>The steps that the copy conversations share: how memory is offered to the process that asks for the copy.</summary>
internal static class CopySteps
{
    /// <summary>Fills memory, offers it, announces its MD5 and waits in sendrec until it was copied.</summary>
    public static void OfferSource(CampaignProcess self, int requester, DvkBuffer memory, Block block, int loop)
    {
        var source = memory.Span[..block.Length];
        BlockScript.Fill(source, block.Content, loop);
        var offer = CampaignMessages.Numbers(CampaignMessages.Memory, loop, block.Length, memory.Address);
        self.SendReceive(requester, ref offer);
        CampaignMessages.Expect(in offer, CampaignMessages.Memory);
        var digest = CampaignMessages.Md5(CampaignMessages.Digest, block.Length, CampaignProcess.Md5Of(source));
        self.SendReceive(requester, ref digest);
        CampaignMessages.Expect(in digest, CampaignMessages.CopyDone);
    }

    /// <summary>Offers memory, waits in sendrec until it was filled, and compares it with the MD5 that comes with the reply.</summary>
    public static void OfferDestination(CampaignProcess self, int requester, DvkBuffer memory, Block block, int loop)
    {
        var arrived = memory.Span[..block.Length];
        arrived.Clear();
        var message = CampaignMessages.Numbers(CampaignMessages.Memory, loop, block.Length, memory.Address);
        self.SendReceive(requester, ref message);
        var announced = CampaignMessages.ReadMd5(in message, CampaignMessages.CopyDone, block.Length);
        self.CheckBlock(block, loop, arrived, announced.Md5.Span);
    }

    /// <summary>Takes an offer of memory; the process that made it goes on waiting.</summary>
    public static MemoryOffer TakeOffer(CampaignProcess self, int from, int expected, Block block)
    {
        var offer = self.Receive(from);
        CampaignMessages.ExpectSource(in offer, expected);
        var numbers = CampaignMessages.ReadNumbers(in offer, CampaignMessages.Memory);
        return numbers.I2 == block.Length
            ? new MemoryOffer(expected, numbers.P1)
            : throw new CampaignFault($"{expected} offered {numbers.I2} bytes, expected {block.Length}");
    }

    /// <summary>Answers the offer of a source and takes the MD5 that it announces next; then it goes on waiting.</summary>
    public static MessageMB TakeDigest(CampaignProcess self, int source, Block block)
    {
        var goOn = CampaignMessages.Numbers(CampaignMessages.Memory, 0, block.Length);
        self.Reply(source, in goOn);
        var digest = self.Receive(source);
        return CampaignMessages.ReadMd5(in digest, CampaignMessages.Digest, block.Length);
    }
}
