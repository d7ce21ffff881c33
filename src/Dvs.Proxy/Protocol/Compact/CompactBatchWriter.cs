using System.Runtime.InteropServices;

namespace Dvs.Proxy.Protocol.Compact;

/// <summary>
/// Writes the commands behind the outer one of a batch, each as its difference from the one before. It keeps that one, because there are only
/// differences in the output. For one thread at a time.
/// </summary>
internal sealed class CompactBatchWriter(WireLayout layout)
{
    private readonly byte[] _previous = new byte[layout.HeaderSize];
    private readonly byte[] _laidOut = new byte[layout.HeaderSize];

    /// <summary>Most bytes that one more command takes.</summary>
    public int LargestLength { get; } = CompactFormat.LargestLength(layout.HeaderSize);

    /// <summary>The first command that is added follows this one.</summary>
    /// <param name="outer">The outer header, as the driver gave it out.</param>
    public void Begin(in CommandHeader outer) => LayOut(in outer, _previous);

    /// <summary>Writes a command.</summary>
    /// <param name="header">The command, as the driver gave it out.</param>
    /// <param name="destination">At least <see cref="LargestLength"/> and <see cref="CompactFormat.Excess"/> bytes; those behind what is written
    /// are not kept.</param>
    /// <returns>Bytes written.</returns>
    public int Add(in CommandHeader header, Span<byte> destination)
    {
        // Where the driver has left the proxy's fields alone, as it does, the header is read where it is: what was only just written in
        // pieces cannot be read in wider ones at once.
        if (layout.IsOfMemory && HasNoProxyFields(in header))
        {
            return CompactHeaderWriter.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<CommandHeader>(in header)), _previous, destination);
        }

        LayOut(in header, _laidOut);
        return CompactHeaderWriter.Write(_laidOut, _previous, destination);
    }

    private static bool HasNoProxyFields(in CommandHeader header) =>
        ((ulong)(header.Flags & ~CommandFlags.CheckHeader) | header.SendSequence | header.AcknowledgeSequence
            | (uint)(header.PayloadLength | header.BatchCount)) == 0;

    private void LayOut(in CommandHeader header, Span<byte> place)
    {
        layout.Write(place, in header);
        layout.WriteProxyFields(place, ProxyFields.OfBatched(header.Flags));
    }
}
