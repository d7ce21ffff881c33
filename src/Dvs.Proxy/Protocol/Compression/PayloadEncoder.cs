using System.Buffers;

namespace Dvs.Proxy.Protocol.Compression;

/// <summary>Puts a payload where it belongs in a frame: compressed where that makes it smaller.</summary>
internal sealed class PayloadEncoder(IPayloadCodec codec, int maxPayload) : IDisposable
{
    private byte[]? _compressed;
    private byte[]? _apart;

    /// <summary>
    /// Memory for a payload that is to be compressed right into its place. It is the same again and again, and so stays in the cache, where the
    /// output is new memory each time.
    /// </summary>
    public Span<byte> Apart => (_apart ??= ArrayPool<byte>.Shared.Rent(maxPayload)).AsSpan(0, maxPayload);

    /// <summary>Bytes beyond the payload's length that compressing into its place asks for, so that the codec need not look for the end of its
    /// output all the time.</summary>
    public static int CompressionExcessOf(IPayloadCodec codec, int maxPayload) => codec.GetMaximumLength(maxPayload) - maxPayload;

    /// <summary>Writes a payload.</summary>
    /// <param name="payload">The payload; it may overlap its place.</param>
    /// <param name="place">Where it goes; long enough for it. Where a payload from elsewhere is compressed, also for the
    /// <see cref="CompressionExcessOf"/>; nothing behind it is kept.</param>
    /// <param name="history">How payloads like it fared with compression; null where nothing is to be compressed.</param>
    /// <param name="flags">Gets the flags that say what was done.</param>
    /// <returns>Bytes written.</returns>
    public int Encode(Span<byte> payload, Span<byte> place, CompressionHistory? history, ref CommandFlags flags)
    {
        if (payload.IsEmpty)
        {
            return 0;
        }

        var length = history is not null && history.ShouldTry() ? Compress(payload, place, history) : 0;
        if (length != 0)
        {
            flags |= CommandFlags.Lz4;
        }
        else
        {
            // Moves nothing but what lies apart, or where the batch before it shrank.
            payload.CopyTo(place);
            length = payload.Length;
        }

        return length;
    }

    /// <summary>Returns the memory for payloads that are to be compressed: for now there are none.</summary>
    public void ReturnApart() => Return(ref _apart);

    /// <summary>Returns the scratch memory.</summary>
    public void Dispose()
    {
        Return(ref _compressed);
        Return(ref _apart);
    }

    // Bytes in its place; 0 where it did not get smaller.
    private int Compress(ReadOnlySpan<byte> payload, Span<byte> place, CompressionHistory history)
    {
        var isApart = !payload.Overlaps(place);
        var target = isApart ? place : _compressed ??= ArrayPool<byte>.Shared.Rent(maxPayload + CompressionExcessOf(codec, maxPayload));
        var length = codec.Compress(payload, target);
        length = length < payload.Length ? length : 0;
        if (!isApart)
        {
            target[..length].CopyTo(place);
        }

        history.Note(length != 0);
        return length;
    }

    private static void Return(ref byte[]? memory)
    {
        if (memory is not null)
        {
            ArrayPool<byte>.Shared.Return(memory);
            memory = null;
        }
    }
}
