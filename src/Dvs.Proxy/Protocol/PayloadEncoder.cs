using System.Buffers;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Protocol;

/// <summary>Puts a payload where it belongs in a frame: compressed where that makes it smaller, its digest behind it.</summary>
internal sealed class PayloadEncoder(IPayloadCodec codec, int maxPayload, bool digest) : IDisposable
{
    private byte[]? _compressed;

    /// <summary>Bytes of digest behind a payload.</summary>
    public int DigestSize { get; } = digest ? Md5Digest.Size : 0;

    /// <summary>Writes a payload.</summary>
    /// <param name="payload">The payload; it may overlap its place.</param>
    /// <param name="place">Where it goes; long enough for payload and digest.</param>
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

        var length = payload.Length;
        if (history is not null && history.ShouldTry() && TryCompress(payload, history, out var smaller))
        {
            smaller.CopyTo(place);
            length = smaller.Length;
            flags |= CommandFlags.Lz4;
        }
        else
        {
            // Moves nothing but where the batch before it shrank, or had nothing in it to make a digest of.
            payload.CopyTo(place);
        }

        sum[..DigestSize].CopyTo(place[length..]);
        return length + DigestSize;
    }

    /// <summary>Returns the scratch memory.</summary>
    public void Dispose()
    {
        if (_compressed is not null)
        {
            ArrayPool<byte>.Shared.Return(_compressed);
            _compressed = null;
        }
    }

    private bool TryCompress(ReadOnlySpan<byte> payload, CompressionHistory history, out ReadOnlySpan<byte> smaller)
    {
        _compressed ??= ArrayPool<byte>.Shared.Rent(maxPayload);
        var length = codec.Compress(payload, _compressed.AsSpan(0, payload.Length - 1));
        smaller = _compressed.AsSpan(0, length);
        history.Note(length != 0);
        return length != 0;
    }
}
