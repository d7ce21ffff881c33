using Dvs.Proxy.Fuzz.Engine;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;

namespace Dvs.Proxy.Fuzz.Targets.Frames;

/// <summary>What a frame's commands must be to go to the driver; written from the format's description, not from the validator.</summary>
internal static class CommandChecks
{
    public const int MaxPayload = 65_536;

    public static void CheckFrame(in Frame frame, WireLayout layout, FrameReaderOptions options)
    {
        CheckCommand(in frame.Command, options);
        Oracle.Require(frame.Payload.Length == frame.Command.PayloadLength);
        Oracle.Require(frame.WireLength == layout.HeaderSize + frame.WireHeader.PayloadLength);
        Oracle.Require(frame.WireHeader.PayloadLength is >= 0 and <= MaxPayload + WireLimits.DigestSize);
        Oracle.Require(frame.RawPayloadLength is >= 0 and <= MaxPayload);
        Oracle.Require(frame.IsControl == (frame.Command.Command == CommandCode.None));
        Oracle.Require(!frame.IsControl || (frame.CommandCount == 1 && frame.Payload.IsEmpty));
        var batched = 0;
        foreach (ref readonly var command in frame.GetBatch())
        {
            CheckCommand(in command, options);
            Oracle.Require(command.PayloadLength == 0 && command.Command != CommandCode.None && !command.Command.CarriesPayload());
            batched++;
        }

        Oracle.Require(batched == frame.CommandCount - 1);
        Oracle.Require(batched == frame.WireHeader.BatchCount);
        Oracle.Require(batched * layout.HeaderSize <= MaxPayload);
        Oracle.Require(batched == 0 || frame.RawPayloadLength == batched * layout.HeaderSize);
    }

    private static void CheckCommand(in CommandHeader command, FrameReaderOptions options)
    {
        Oracle.Require((int)command.Command is (>= 0 and <= 14) or (>= 0x2001 and <= 0x2008) or (>= 0x200C and <= 0x200E));
        Oracle.Require(command.PayloadLength is >= 0 and <= MaxPayload);
        Oracle.Require(command.PayloadLength == 0 || ((int)command.Command is 5 or 9 or 0x2006 && command.Copy.Length == command.PayloadLength));
        Oracle.Require(command.BatchCount == 0);
        Oracle.Require(((ulong)command.Flags & ~4UL) == 0);
        Oracle.Require(options.ExpectedSourceNode is null || command.SourceNode == options.ExpectedSourceNode);
        Oracle.Require(options.ExpectedDestinationNode is null || command.DestinationNode == options.ExpectedDestinationNode);
    }
}
