using System.Runtime.CompilerServices;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device.Kernel.Calls;

/// <summary>Keeps the driver from reading beyond the memory it was given.</summary>
internal static class CommandBlock
{
    /// <summary>The driver refuses a longer block before it reads any of it.</summary>
    private const int LargestBlock = 65_536;

    /// <summary>
    /// True when the driver finds all it may read in a payload of <paramref name="length"/> bytes: it copies v_bytes bytes for a command that carries a block
    /// and does not report a failure.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Fits(in CommandHeader header, int length)
    {
        if (header.PayloadLength > length)
        {
            return false;
        }

        var isRead = header.Command.CarriesPayload() && !(header.Command == CommandCode.CopyOutData && header.ResultCode != 0);
        return !isRead || header.Copy.Length <= length || header.Copy.Length > LargestBlock;
    }
}
