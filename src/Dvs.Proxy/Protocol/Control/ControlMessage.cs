using Dvs.Proxy.Messages;
using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol.Frames;

namespace Dvs.Proxy.Protocol.Control;

/// <summary>
/// Makes and reads control messages: what proxies say to each other, with <c>c_cmd</c> NONE. The headers made here carry no sequence
/// numbers (the <see cref="FrameWriter"/> puts them in) and no pid.
/// </summary>
internal static class ControlMessage
{
    private const int NameSize = 14;

    /// <summary>A control message without content.</summary>
    /// <param name="type">What it says.</param>
    /// <param name="localNode">The sending node.</param>
    /// <param name="peerNode">The receiving node.</param>
    /// <param name="timestamp">The present moment.</param>
    public static CommandHeader Create(ControlType type, int localNode, int peerNode, Timestamp timestamp)
    {
        var header = new CommandHeader
        {
            Command = CommandCode.None,
            DcId = -1,
            SourceEndpoint = WellKnownEndpoint.None,
            DestinationEndpoint = WellKnownEndpoint.None,
            SourceNode = localNode,
            DestinationNode = peerNode,
            Timestamp = timestamp,
        };
        header.Message.Source = localNode;
        header.Message.Type = (int)type;
        return header;
    }

    /// <summary>The hello of a sender that has had nothing to send: its load.</summary>
    public static CommandHeader Hello(int localNode, int peerNode, LoadReport load, DataModel model, Timestamp timestamp) =>
        Load(ControlType.LoadLevel, localNode, peerNode, load, model, timestamp);

    /// <summary>Sets the peer's load thresholds.</summary>
    public static CommandHeader SetLoadThresholds(
        int localNode, int peerNode, LoadThresholds thresholds, DataModel model, Timestamp timestamp)
    {
        var header = Create(ControlType.LoadThresholds, localNode, peerNode, timestamp);
        new MessageM1(thresholds.LowWater, thresholds.HighWater, thresholds.PeriodSeconds, 0, 0, 0).Write(ref header.Message, model);
        return header;
    }

    /// <summary>The answer to <see cref="SetLoadThresholds"/>.</summary>
    public static CommandHeader LoadThresholdsAnswer(
        int localNode, int peerNode, LoadReport load, DataModel model, Timestamp timestamp) =>
        Load(ControlType.LoadThresholdsAnswer, localNode, peerNode, load, model, timestamp);

    /// <summary>Asks the peer to bind a process as a remote one.</summary>
    public static CommandHeader RemoteBind(int localNode, int peerNode, RemoteBindRequest request, DataModel model, Timestamp timestamp)
    {
        var header = Create(ControlType.RemoteBind, localNode, peerNode, timestamp);
        var name = MessageBytes.FromText(request.Name ?? "", NameSize);
        new MessageM3(request.DcId, request.Endpoint, (uint)request.NodeId, name).Write(ref header.Message, model);
        return header;
    }

    /// <summary>The answer to <see cref="RemoteBind"/>.</summary>
    /// <param name="localNode">The sending node.</param>
    /// <param name="peerNode">The receiving node.</param>
    /// <param name="resultCode">The outcome, as the driver counts: 0, or a negative error.</param>
    /// <param name="model">The cluster's data model.</param>
    /// <param name="timestamp">The present moment.</param>
    public static CommandHeader RemoteBindAnswer(int localNode, int peerNode, int resultCode, DataModel model, Timestamp timestamp)
    {
        var header = Create(ControlType.RemoteBindAnswer, localNode, peerNode, timestamp);
        new MessageM1(resultCode, 0, 0, 0, 0, 0).Write(ref header.Message, model);
        return header;
    }

    /// <summary>Reads the load from a <see cref="ControlType.LoadLevel"/> or <see cref="ControlType.LoadThresholdsAnswer"/>.</summary>
    /// <returns>False where the header is none of them.</returns>
    public static bool TryRead(in CommandHeader header, DataModel model, out LoadReport load)
    {
        load = default;
        if (!Is(in header, ControlType.LoadLevel) && !Is(in header, ControlType.LoadThresholdsAnswer))
        {
            return false;
        }

        var content = MessageM1.Read(in header.Message, model);
        load = new LoadReport(content.I1, (LoadLevel)content.I2, content.I3);
        return true;
    }

    /// <summary>Reads thresholds from a <see cref="ControlType.LoadThresholds"/>.</summary>
    /// <returns>False where the header is not one.</returns>
    public static bool TryRead(in CommandHeader header, DataModel model, out LoadThresholds thresholds)
    {
        thresholds = default;
        if (!Is(in header, ControlType.LoadThresholds))
        {
            return false;
        }

        var content = MessageM1.Read(in header.Message, model);
        thresholds = new LoadThresholds(content.I1, content.I2, content.I3);
        return true;
    }

    /// <summary>Reads the request from a <see cref="ControlType.RemoteBind"/>. Its content is the peer's word: unchecked.</summary>
    /// <returns>False where the header is not one.</returns>
    public static bool TryRead(in CommandHeader header, DataModel model, out RemoteBindRequest request)
    {
        request = default;
        if (!Is(in header, ControlType.RemoteBind))
        {
            return false;
        }

        var content = MessageM3.Read(in header.Message, model);
        request = new RemoteBindRequest(content.I1, content.I2, (int)content.P1, content.Ca1.ToString());
        return true;
    }

    /// <summary>Reads the result from a <see cref="ControlType.RemoteBindAnswer"/>.</summary>
    /// <returns>False where the header is not one.</returns>
    public static bool TryReadRemoteBindResult(in CommandHeader header, DataModel model, out int resultCode)
    {
        resultCode = 0;
        if (!Is(in header, ControlType.RemoteBindAnswer))
        {
            return false;
        }

        resultCode = MessageM1.Read(in header.Message, model).I1;
        return true;
    }

    /// <summary>
    /// True for a control message: a header of command NONE with the marker that all of them carry (<c>c_dcid</c> -1, <c>c_src</c> and
    /// <c>c_dst</c> 0x6ace). Without it the rest of the header is what a classic proxy's buffer held before, and says nothing.
    /// </summary>
    public static bool IsMarked(in CommandHeader header) =>
        header is { Command: CommandCode.None, DcId: -1, SourceEndpoint: WellKnownEndpoint.None, DestinationEndpoint: WellKnownEndpoint.None };

    /// <summary>True for the hello of an old classic proxy: command NONE, no payload, and nothing else that could be relied on.</summary>
    public static bool IsUnmarkedHello(in CommandHeader header) =>
        header.Command == CommandCode.None && header.PayloadLength == 0 && !IsMarked(in header);

    /// <summary>True for a control message of this type.</summary>
    public static bool Is(in CommandHeader header, ControlType type) =>
        header.Command == CommandCode.None && header.Message.Type == (int)type && IsMarked(in header);

    private static CommandHeader Load(
        ControlType type, int localNode, int peerNode, LoadReport load, DataModel model, Timestamp timestamp)
    {
        var header = Create(type, localNode, peerNode, timestamp);
        new MessageM1(load.CpuPercent, (int)load.Level, load.PeriodSeconds, 0, 0, 0).Write(ref header.Message, model);
        return header;
    }
}
