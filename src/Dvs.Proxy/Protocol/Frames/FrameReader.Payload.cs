using System.Buffers;
using Dvs.Proxy.Protocol.Compact;
using Dvs.Proxy.Protocol.Compression;
using Dvs.Proxy.Protocol.Frames.Validation;

namespace Dvs.Proxy.Protocol.Frames;

/// <content>What lies behind a header: gathered where it came in pieces, decompressed, checked.</content>
public sealed partial class FrameReader
{
    private bool CheckDigested()
    {
        if (!_requiresDigest || (_command.Flags & CommandFlags.Digest) != 0)
        {
            return true;
        }

        _fault = new FrameFault { Kind = FrameFaultKind.DigestMissing, Field = "c_flags", Value = (long)_command.Flags };
        return false;
    }

    private bool TryGetContent(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> content)
    {
        var digestLength = FrameValidator.DigestLength(in _command);
        content = frame[_headerSize..^digestLength];
        if (digestLength != 0 && !_verifier.Verify(in _command, frame))
        {
            var length = _command.PayloadLength;
            _fault = new FrameFault
            {
                Kind = FrameFaultKind.DigestMismatch,
                Field = "c_len",
                Value = length,
                Expected = length,

                // Where an attacker may have made it, it must not even be answered.
                IsPayloadFault = !_verifier.IsKeyed && _command.Command != CommandCode.None,
            };
            return false;
        }

        if (((_command.Flags & (CommandFlags.Lz4 | CommandFlags.Compact)) == 0 || TryUnpack(frame, ref content))
            && ((_command.Flags & CommandFlags.Batch) == 0 || _isClassicLink || _validator.CheckBatch(content, ref _fault)))
        {
            return true;
        }

        _fault = _fault with { IsPayloadFault = true, CanReadOn = _isClassicLink };
        return false;
    }

    private void GetDamagedBatch(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> content)
    {
        content = default;
        if ((_command.Flags & CommandFlags.Batch) == 0)
        {
            return;
        }

        var fault = default(FrameFault);
        content = frame.Slice(_headerSize, FrameValidator.ContentLength(in _command));
        var isReadable = (_command.Flags & (CommandFlags.Lz4 | CommandFlags.Compact)) == 0 || TryUnpack(frame, ref content);
        if (!isReadable || (!_isClassicLink && !_validator.CheckBatch(content, ref fault)))
        {
            content = default;
        }
    }

    // What is unpacked is whole headers, or a block. A compact batch is never compressed besides.
    private bool TryUnpack(ReadOnlySpan<byte> frame, ref ReadOnlySpan<byte> content)
    {
        var destination = (_unpacked ??= ArrayPool<byte>.Shared.Rent(_maxPayload)).AsSpan(0, _validator.ExpectedContentLength(in _command));
        var packed = content;
        content = destination;
        return (_command.Flags & CommandFlags.Compact) != 0 ? TryExpand(frame[.._headerSize], packed, destination) : TryDecompress(packed, destination);
    }

    private bool TryExpand(ReadOnlySpan<byte> header, ReadOnlySpan<byte> content, Span<byte> destination)
    {
        Span<byte> outer = stackalloc byte[WireLayout.LargestHeaderSize];
        outer = outer[.._headerSize];
        header.CopyTo(outer);
        Layout.WriteProxyFields(outer, ProxyFields.OfBatched(_command.Flags));
        var fault = CompactHeaderReader.ReadAll(content, outer, destination, out var index);
        if (fault == CompactFault.None)
        {
            return true;
        }

        _fault = FrameValidator.CompactBatchFault(fault, _command.PayloadLength, index);
        return false;
    }

    private bool TryDecompress(ReadOnlySpan<byte> content, Span<byte> destination)
    {
        var result = _codec.Decompress(content, destination, out var written);
        if (result == PayloadDecodeResult.Success)
        {
            return true;
        }

        _fault = FrameValidator.CompressionFault(result, _command.PayloadLength, written, destination.Length);
        return false;
    }

    private ReadOnlySpan<byte> Gather(in ReadOnlySequence<byte> buffer, int length)
    {
        if (_gathered is null && buffer.FirstSpan.Length < length)
        {
            _gathered = ArrayPool<byte>.Shared.Rent(_headerSize + _maxPayload + WireLimits.DigestSize);
        }

        return Front(in buffer, length, _gathered);
    }

    private static void Return(ref byte[]? scratch)
    {
        if (scratch is not null)
        {
            ArrayPool<byte>.Shared.Return(scratch);
            scratch = null;
        }
    }
}
