using System.Buffers;
using System.Buffers.Binary;

namespace Dvs.Proxy.Protocol;

/// <content>Several headers in one frame: the outer header is patched when the batch is closed.</content>
public sealed partial class FrameWriter
{
    // The places of the patched fields are the same in both data models.
    private const int PayloadLengthOffset = 28;
    private const int BatchCountOffset = 36;
    private const int FlagsOffset = 40;

    private static bool IsBatchable(in CommandHeader header) =>
        header.PayloadLength == 0 && header.Command != CommandCode.None && !header.Command.CarriesPayload();

    private void OpenBatch(Span<byte> window, in CommandHeader header)
    {
        _outerFlags = header.Flags & CommandFlags.CheckHeader;
        _batchSequence = TakeSequence(in header, ref _outerFlags);
        WriteHeader(window, in header, new ProxyFields(0, _outerFlags, _batchSequence, AcknowledgeSequence));
        _batched = 0;
        HasOpenBatch = true;
    }

    private void AddBatched(IBufferWriter<byte> output, Span<byte> window, in CommandHeader header)
    {
        WriteHeader(window[NextHeader..], in header, new ProxyFields(0, header.Flags & CommandFlags.CheckHeader, 0, 0));
        _batched++;
        if (_batched == _maxBatch)
        {
            Complete(output);
        }
    }

    private int CloseBatch(Span<byte> window)
    {
        var batched = _batched;
        HasOpenBatch = false;
        _batched = 0;
        if (batched == 0)
        {
            Count(1, _headerSize, _headerSize);
            return _headerSize;
        }

        var rawLength = batched * _headerSize;
        var flags = _outerFlags | CommandFlags.Batch;
        var place = window[_headerSize..];
        var length = _payloads.Encode(place[..rawLength], place, _batchHistory, ref flags);
        BinaryPrimitives.WriteInt32LittleEndian(window[PayloadLengthOffset..], length);
        BinaryPrimitives.WriteInt32LittleEndian(window[BatchCountOffset..], batched);
        BinaryPrimitives.WriteUInt32LittleEndian(window[FlagsOffset..], (uint)flags);
        BatchesWritten++;
        Count(1 + batched, _headerSize + DigestedLength(rawLength), _headerSize + length);
        return _headerSize + length;
    }
}
