using Dvs.Proxy.Device;
using Dvs.Proxy.Pairing.Receiving;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Pairing.Receiving;

public class ErrorAcknowledgementTests
{
    [Theory]
    [InlineData(CommandCode.SendMessage, CommandCode.SendAck)]
    [InlineData(CommandCode.SendReceiveMessage, CommandCode.SendAck)]
    [InlineData(CommandCode.ReplyMessage, CommandCode.SendAck)]
    [InlineData(CommandCode.CopyInData, CommandCode.CopyInAck)]
    [InlineData(CommandCode.CopyOutRequest, CommandCode.CopyOutData)]
    [InlineData(CommandCode.CopyRemoteRequest, CommandCode.CopyRemoteAck)]
    public void A_request_is_answered_to_the_node_it_came_from(CommandCode failed, CommandCode answer)
    {
        var header = Command(failed);
        Assert.Equal(ErrorAcknowledgementRoute.ToPeer, ErrorAcknowledgement.Create(in header, 4, DvkError.InputOutput, out var acknowledgement));
        Assert.Equal(answer, acknowledgement.Command);
        Assert.Equal(2, acknowledgement.DcId);
        Assert.Equal((20, 10), (acknowledgement.SourceEndpoint, acknowledgement.DestinationEndpoint));
        Assert.Equal((4, 3), (acknowledgement.SourceNode, acknowledgement.DestinationNode));
        Assert.Equal(-5, acknowledgement.ResultCode);
        Assert.Equal(0, acknowledgement.PayloadLength);
        Assert.Equal(header.Copy, acknowledgement.Copy);
    }

    [Fact]
    public void A_copy_within_this_node_is_answered_in_the_name_of_its_source_as_the_driver_does()
    {
        var header = Command(CommandCode.CopyLocalRequest);
        Assert.Equal(ErrorAcknowledgementRoute.ToPeer, ErrorAcknowledgement.Create(in header, 4, DvkError.NotImplemented, out var acknowledgement));
        Assert.Equal((CommandCode.CopyLocalAck, 2, -38), (acknowledgement.Command, acknowledgement.DcId, acknowledgement.ResultCode));
        Assert.Equal((1, 10), (acknowledgement.SourceEndpoint, acknowledgement.DestinationEndpoint));
        Assert.Equal((4, 3), (acknowledgement.SourceNode, acknowledgement.DestinationNode));
        Assert.Equal(header.Copy, acknowledgement.Copy);
    }

    [Theory]
    [InlineData(CommandCode.CopyOutData)]
    [InlineData(CommandCode.SendAck)]
    [InlineData(CommandCode.SendReceiveAck)]
    [InlineData(CommandCode.CopyInAck)]
    [InlineData(CommandCode.CopyLocalAck)]
    [InlineData(CommandCode.CopyRemoteAck)]
    public void An_answer_becomes_a_failure_for_the_process_that_waits_here(CommandCode failed)
    {
        var header = Command(failed);
        Assert.Equal(
            ErrorAcknowledgementRoute.ToLocalDriver,
            ErrorAcknowledgement.Create(in header, 4, ErrorAcknowledgement.DefaultError, out var acknowledgement));
        Assert.Equal(failed, acknowledgement.Command);
        Assert.Equal((10, 20), (acknowledgement.SourceEndpoint, acknowledgement.DestinationEndpoint));
        Assert.Equal((3, 4), (acknowledgement.SourceNode, acknowledgement.DestinationNode));
        Assert.Equal((int)ErrorAcknowledgement.DefaultError, acknowledgement.ResultCode);
        Assert.Equal(0, acknowledgement.PayloadLength);
        Assert.Equal(CommandFlags.None, acknowledgement.Flags);
    }

    [Fact]
    public void The_requester_of_a_copy_between_two_others_is_on_a_third_node()
    {
        var header = Command(CommandCode.CopyInRequest);
        Assert.Equal(
            ErrorAcknowledgementRoute.ToRequesterNode, ErrorAcknowledgement.Create(in header, 4, DvkError.InputOutput, out var acknowledgement));
        Assert.Equal(CommandCode.CopyRemoteAck, acknowledgement.Command);
        Assert.Equal((2, 30), (acknowledgement.SourceEndpoint, acknowledgement.DestinationEndpoint));
        Assert.Equal(4, acknowledgement.SourceNode);
        Assert.Equal(-1, acknowledgement.DestinationNode);
    }

    [Theory]
    [InlineData(CommandCode.NotifyMessage)]
    [InlineData(CommandCode.NotifyAck)]
    [InlineData(CommandCode.None)]
    public void Nobody_waits_for_a_notification(CommandCode failed)
    {
        var header = Command(failed);
        Assert.Equal(ErrorAcknowledgementRoute.None, ErrorAcknowledgement.Create(in header, 4, DvkError.InputOutput, out _));
    }

    private static CommandHeader Command(CommandCode command) => new()
    {
        Command = command,
        DcId = 2,
        SourceEndpoint = 10,
        DestinationEndpoint = 20,
        SourceNode = 3,
        DestinationNode = 4,
        PayloadLength = 100,
        SendSequence = 9,
        Flags = CommandFlags.CheckHeader,
        Copy = new CopyDescriptor { SourceEndpoint = 1, DestinationEndpoint = 2, RequesterEndpoint = 30, Length = 100 },
    };
}
