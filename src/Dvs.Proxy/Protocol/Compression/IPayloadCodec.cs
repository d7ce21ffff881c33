namespace Dvs.Proxy.Protocol.Compression;

/// <summary>Compression of payloads. Implementations are stateless towards the caller, never throw for bad input and never allocate in steady state.</summary>
internal interface IPayloadCodec
{
    /// <summary>Most bytes that a payload of <paramref name="length"/> bytes can become. With so much room compressing is quickest.</summary>
    int GetMaximumLength(int length);

    /// <summary>Compresses, if the result fits.</summary>
    /// <returns>Bytes written; 0 if the result does not fit into <paramref name="destination"/>.</returns>
    int Compress(ReadOnlySpan<byte> source, Span<byte> destination);

    /// <summary>Decompresses a whole payload that should fill <paramref name="destination"/> exactly.</summary>
    /// <param name="source">The compressed payload, nothing before or behind it.</param>
    /// <param name="destination">As long as the result must be.</param>
    /// <param name="written">Bytes decoded so far; the length of <paramref name="destination"/> on success.</param>
    PayloadDecodeResult Decompress(ReadOnlySpan<byte> source, Span<byte> destination, out int written);
}

/// <summary>Outcome of decompressing a payload.</summary>
internal enum PayloadDecodeResult
{
    Success,
    NotAFrame,
    UnsupportedVersion,
    ReservedBits,
    DictionaryNeeded,
    BadBlockSize,
    HeaderChecksum,
    Truncated,
    BlockTooLong,
    BadBlock,
    BlockChecksum,
    ContentChecksum,
    ContentSize,
    TrailingBytes,
    TooLong,
    TooShort,
}

/// <summary>Words for <see cref="PayloadDecodeResult"/>.</summary>
internal static class PayloadDecodeResults
{
    public static string Describe(this PayloadDecodeResult result) => result switch
    {
        PayloadDecodeResult.Success => "no fault",
        PayloadDecodeResult.NotAFrame => "it does not begin with the magic number",
        PayloadDecodeResult.UnsupportedVersion => "its version is not 1",
        PayloadDecodeResult.ReservedBits => "reserved bits are set",
        PayloadDecodeResult.DictionaryNeeded => "it needs a dictionary",
        PayloadDecodeResult.BadBlockSize => "its block size is not defined",
        PayloadDecodeResult.HeaderChecksum => "the header checksum is wrong",
        PayloadDecodeResult.Truncated => "it ends too early",
        PayloadDecodeResult.BlockTooLong => "a block is longer than the block size it declares",
        PayloadDecodeResult.BadBlock => "a block cannot be decoded",
        PayloadDecodeResult.BlockChecksum => "a block checksum is wrong",
        PayloadDecodeResult.ContentChecksum => "the content checksum is wrong",
        PayloadDecodeResult.ContentSize => "the content size it declares is not the size announced",
        PayloadDecodeResult.TrailingBytes => "bytes follow its end",
        PayloadDecodeResult.TooLong => "it decodes to more than announced",
        PayloadDecodeResult.TooShort => "it decodes to less than announced",
        _ => result.ToString(),
    };
}
