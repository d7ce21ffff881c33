using System.Buffers;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Protocol;

/// <summary>Puts a payload where it belongs in a frame: compressed where that makes it smaller, its digest behind it.</summary>
internal sealed class PayloadEncoder(IPayloadCodec codec, int maxPayload, bool digest) : IDisposable
{
    private byte[]? _compressed;
    private byte[]? _apart;

    /// <summary>Bytes of digest behind a payload.</summary>
    public int DigestSize { get; } = digest ? Md5Digest.Size : 0;

    /// <summary>
    /// Memory for a payload that is to be compressed right into its place. It is the same again and again, and so stays in the cache, where the
    /// output is new memory each time.
    /// </summary>
    public Span<byte> Apart => (_apart ??= ArrayPool<byte>.Shared.Rent(maxPayload)).AsSpan(0, maxPayload);

    /// <summary>Bytes beyond the payload's length that compressing into its place asks for, so that the codec need not look for the end of its
    /// output all the time.</summary>
    public int CompressionExcess { get; } = codec.GetMaximumLength(maxPayload) - maxPayload;

    /// <summary>Writes a payload.</summary>
    /// <param name="payload">The payload; it may overlap its place.</param>
    /// <param name="place">Where it goes; long enough for payload and digest. Where a payload from elsewhere is compressed, also for the
    /// <see cref="CompressionExcess"/>; nothing behind it is kept.</param>
    /// <param name="history">How payloads like it fared with compression; null: do not compress.</param>
    /// <param name="flags">Gets the flags that say what was done.</param>
    /// <returns>Bytes written: <c>c_len</c>.</returns>
    public int Encode(Span<byte> payload, Span<byte> place, CompressionHistory? history, ref CommandFlags flags)
    {
        if (payload.IsEmpty)
        {
            return 0;
        }

        // First, because the payload may be overwritten where it lies.
        Span<byte> sum = stackalloc byte[Md5Digest.Size];
        if (DigestSize != 0)
        {
            Md5Digest.Instance.Compute(payload, sum);
            flags |= CommandFlags.Digest;
        }

        var length = history is not null && history.ShouldTry() ? Compress(payload, place, history) : 0;
        if (length != 0)
        {
            flags |= CommandFlags.Lz4;
        }
        else
        {
            // Moves nothing but what lies apart, or where the batch before it shrank, or had nothing in it to make a digest of.
            payload.CopyTo(place);
            length = payload.Length;
        }

        sum[..DigestSize].CopyTo(place[length..]);
        return length + DigestSize;
    }

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
        var target = isApart ? place : _compressed ??= ArrayPool<byte>.Shared.Rent(maxPayload + CompressionExcess);
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
