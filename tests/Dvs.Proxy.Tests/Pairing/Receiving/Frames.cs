using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Receiving;

/// <summary>Frames as bytes, for sockets.</summary>
internal static class Frames
{
    internal static byte[] Message(int sourceNode, int destinationNode, int number = 1)
    {
        var header = ScriptedNode.Message(sourceNode, destinationNode, number);
        var bytes = new byte[WireLayout.Lp64.HeaderSize];
        WireLayout.Lp64.Write(bytes, in header);
        return bytes;
    }
}
