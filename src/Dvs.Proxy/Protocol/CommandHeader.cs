using System.Runtime.InteropServices;

namespace Dvs.Proxy.Protocol;

/// <summary>
/// The header of a command (classic <c>cmd_t</c>): what two drivers say to each other through their proxies. This is the one form used
/// in memory; it is blittable and laid out exactly as C lays it out under LP64 (168 bytes), so on a 64-bit node it goes to the driver
/// and to the wire as it is. <see cref="WireLayout"/> reads and writes it in either data model.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 168)]
public struct CommandHeader
{
    /// <summary>What to do (<c>c_cmd</c>).</summary>
    public CommandCode Command;

    /// <summary>DC of both endpoints (<c>c_dcid</c>); -1 in control messages.</summary>
    public int DcId;

    /// <summary>Source endpoint (<c>c_src</c>).</summary>
    public int SourceEndpoint;

    /// <summary>Destination endpoint (<c>c_dst</c>).</summary>
    public int DestinationEndpoint;

    /// <summary>Node the command comes from (<c>c_snode</c>).</summary>
    public int SourceNode;

    /// <summary>Node the command goes to (<c>c_dnode</c>).</summary>
    public int DestinationNode;

    /// <summary>Result carried by an acknowledgement: 0 or a negative DVS error (<c>c_rcode</c>).</summary>
    public int ResultCode;

    /// <summary>Payload bytes that follow on the wire (<c>c_len</c>).</summary>
    public int PayloadLength;

    /// <summary>Linux pid of the source process; 0 where the driver left it out (<c>c_pid</c>).</summary>
    public int ProcessId;

    /// <summary>Commands batched in the payload, the outer one not counted (<c>c_batch_nr</c>).</summary>
    public int BatchCount;

    /// <summary>Proxy flags (<c>c_flags</c>).</summary>
    public CommandFlags Flags;

    /// <summary>Send sequence (<c>c_snd_seq</c>).</summary>
    public ulong SendSequence;

    /// <summary>Acknowledge sequence (<c>c_ack_seq</c>).</summary>
    public ulong AcknowledgeSequence;

    /// <summary>When the source driver handed the command out (<c>c_timestamp</c>).</summary>
    public Timestamp Timestamp;

    /// <summary>The embedded message (<c>c_msg</c>).</summary>
    public Message Message;

    /// <summary>The copy descriptor (<c>c_vcopy</c>).</summary>
    public CopyDescriptor Copy;

    /// <inheritdoc/>
    public override readonly string ToString() =>
        $"{Command} dc={DcId} {SourceEndpoint}@{SourceNode} -> {DestinationEndpoint}@{DestinationNode} rcode={ResultCode} len={PayloadLength}";
}
