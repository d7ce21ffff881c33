using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>Where an error acknowledgement has to go.</summary>
internal enum ErrorAcknowledgementRoute
{
    /// <summary>Nowhere: nobody waits for the outcome of the command.</summary>
    None,

    /// <summary>To the node the failed command came from, with our sender's next frames.</summary>
    ToPeer,

    /// <summary>Into the local driver: the process that waits is here, and the failed command was what it waits for.</summary>
    ToLocalDriver,

    /// <summary>To the node of the requester, a third one: look its endpoint up in the DC, set
    /// <see cref="CommandHeader.DestinationNode"/>, and give it
    /// to the sender of that node's pair.</summary>
    ToRequesterNode,
}

/// <summary>
/// Makes the acknowledgement that ends the wait for a command which will never be delivered: because it came in damaged for good, or the
/// driver must not get it. It is what the driver itself would answer for a command it refuses (SEND_ACK for all messages).
/// </summary>
internal static class ErrorAcknowledgement
{
    /// <summary>
    /// For a damaged command EDVSIO: the block could not be carried intact. No check of the driver answers with it, so whoever sees it
    /// knows that the way was at fault and not his request; EDVSGENERIC would say less, EDVSNOTCONN would be untrue.
    /// </summary>
    public const DvkError DefaultError = DvkError.InputOutput;

    /// <summary>Makes the acknowledgement for a failed command.</summary>
    /// <param name="failed">The command that is not delivered, of a peer, to this node.</param>
    /// <param name="localNode">This node.</param>
    /// <param name="error">The result to report; negative.</param>
    /// <param name="acknowledgement">The acknowledgement; no payload, and no timestamp, as from a driver that leaves it to the
    /// proxy.</param>
    public static ErrorAcknowledgementRoute Create(
        in CommandHeader failed, int localNode, DvkError error, out CommandHeader acknowledgement)
    {
        switch (failed.Command)
        {
            case CommandCode.SendMessage or CommandCode.SendReceiveMessage or CommandCode.ReplyMessage:
                acknowledgement = Answer(in failed, CommandCode.SendAck, localNode, error);
                return ErrorAcknowledgementRoute.ToPeer;
            case CommandCode.CopyInData or CommandCode.CopyOutRequest or CommandCode.CopyLocalRequest or CommandCode.CopyRemoteRequest:
                // For COPYOUT_RQST this is COPYOUT_DATA, which with an error carries no block.
                acknowledgement = Answer(in failed, failed.Command | CommandCode.AcknowledgeBit, localNode, error);
                if (failed.Command == CommandCode.CopyLocalRequest)
                {
                    // The driver answers in the name of the copy's source, though the request goes to its destination.
                    acknowledgement.SourceEndpoint = failed.Copy.SourceEndpoint;
                }

                return ErrorAcknowledgementRoute.ToPeer;
            case CommandCode.CopyInRequest:
                acknowledgement = Answer(in failed, CommandCode.CopyRemoteAck, localNode, error);
                acknowledgement.SourceEndpoint = failed.Copy.DestinationEndpoint;
                acknowledgement.DestinationEndpoint = failed.Copy.RequesterEndpoint;
                acknowledgement.DestinationNode = -1;
                return ErrorAcknowledgementRoute.ToRequesterNode;
            case CommandCode.CopyOutData or CommandCode.SendAck or CommandCode.SendReceiveAck or CommandCode.ReplyAck
                or CommandCode.CopyInAck or CommandCode.CopyLocalAck or CommandCode.CopyRemoteAck:
                acknowledgement = Failed(in failed, error);
                return ErrorAcknowledgementRoute.ToLocalDriver;
            default:
                acknowledgement = default;
                return ErrorAcknowledgementRoute.None;
        }
    }

    private static CommandHeader Answer(in CommandHeader failed, CommandCode command, int localNode, DvkError error) => new()
    {
        Command = command,
        DcId = failed.DcId,
        SourceEndpoint = failed.DestinationEndpoint,
        DestinationEndpoint = failed.SourceEndpoint,
        SourceNode = localNode,
        DestinationNode = failed.SourceNode,
        ResultCode = (int)error,
        Copy = failed.Copy,
    };

    private static CommandHeader Failed(in CommandHeader failed, DvkError error)
    {
        var header = failed;
        header.ResultCode = (int)error;
        header.PayloadLength = 0;
        header.BatchCount = 0;
        header.Flags = CommandFlags.None;
        header.SendSequence = 0;
        header.AcknowledgeSequence = 0;
        return header;
    }
}
