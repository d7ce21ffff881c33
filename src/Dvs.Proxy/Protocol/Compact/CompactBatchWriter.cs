using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dvs.Proxy.Protocol.Compact;

/// <summary>
/// Writes the commands behind the outer one of a batch, each as its difference from the one before. It keeps that one, because there are only
/// differences in the output, in one of two places: the next is fetched into the other, and nothing is copied. For one thread at a time.
/// </summary>
internal sealed class CompactBatchWriter(WireLayout layout)
{
    private readonly int _headerSize = layout.HeaderSize;
    private readonly bool _isOfMemory = layout.IsOfMemory;
    private CommandHeader _one;
    private CommandHeader _other;
    private bool _isNextOther;

    /// <summary>Most bytes that one more command takes.</summary>
    public int LargestLength { get; } = CompactFormat.LargestLength(layout.HeaderSize);

    /// <summary>Where the next command is best fetched to.</summary>
    public ref CommandHeader Next
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _isNextOther ? ref _other : ref _one;
    }

    /// <summary>The first command that is added follows this one.</summary>
    /// <param name="outer">The outer header, as the driver gave it out.</param>
    public void Begin(in CommandHeader outer)
    {
        LayOut(in outer);
        _isNextOther = !_isNextOther;
    }

    /// <summary>Writes a command.</summary>
    /// <param name="header">The command, as the driver gave it out.</param>
    /// <param name="destination">At least <see cref="LargestLength"/> and <see cref="CompactFormat.Excess"/> bytes; those behind what is written
    /// are not kept.</param>
    /// <returns>Bytes written.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Add(in CommandHeader header, Span<byte> destination)
    {
        // Where the driver has left the proxy's fields alone, as it does, and the header is in its place, it stays as it is: what was only just
        // written in pieces cannot be read in wider ones at once.
        if (!_isOfMemory || !HasNoProxyFields(in header) || !Unsafe.AreSame(in header, in Next))
        {
            LayOut(in header);
        }

        var next = BytesOf(ref Next);
        _isNextOther = !_isNextOther;
        var previous = BytesOf(ref Next);
        return CompactHeaderWriter.Write(next, previous, destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool HasNoProxyFields(in CommandHeader header) =>
        ((ulong)(header.Flags & ~CommandFlags.CheckHeader) | header.SendSequence | header.AcknowledgeSequence
            | (uint)(header.PayloadLength | header.BatchCount)) == 0;

    // The header may be in its place already.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LayOut(in CommandHeader header)
    {
        var copy = header;
        var place = BytesOf(ref Next);
        layout.Write(place, in copy);
        layout.WriteProxyFields(place, ProxyFields.OfBatched(copy.Flags));
    }

    private Span<byte> BytesOf(ref CommandHeader header) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<CommandHeader, byte>(ref header), _headerSize);
}
