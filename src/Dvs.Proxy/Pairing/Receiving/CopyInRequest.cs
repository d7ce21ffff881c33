using System.Runtime.CompilerServices;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// Repairs COPYIN_RQST, the block of a copy between two nodes that a third one asked for. A driver hands it out with the id of the
/// destination's node where the destination's endpoint belongs (c_dst), and the driver there takes it by that endpoint: it would miss, or
/// hit another process. The copy descriptor has the right one (v_dst). Pure. Behaviour: ThirdPartyCopyTests.
/// </summary>
internal static class CopyInRequest
{
    /// <summary>Whether a command is such a request and needs repair.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool NeedsRepair(in CommandHeader command) =>
        command.Command == CommandCode.CopyInRequest && command.DestinationEndpoint != command.Copy.DestinationEndpoint;

    /// <summary>Repairs it.</summary>
    public static void Repair(ref CommandHeader command) => command.DestinationEndpoint = command.Copy.DestinationEndpoint;
}
