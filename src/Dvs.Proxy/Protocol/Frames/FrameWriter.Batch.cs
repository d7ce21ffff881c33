using System.Buffers;
using System.Buffers.Binary;

namespace Dvs.Proxy.Protocol.Frames;

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
        _outerFlags = FlagsOf(in header);
        _batchNumber = TakeNumber(in header);
        WriteHeader(window, in header, new ProxyFields(_digestSize, _outerFlags, _space.Wrap(_batchNumber), AcknowledgeSequence));
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
            var alone = Seal(window, _headerSize, _batchNumber);
            Count(1, alone, alone);
            return alone;
        }

        var rawLength = batched * _headerSize;
        var flags = _outerFlags | CommandFlags.Batch;
        var place = window[_headerSize..];
        var length = _payloads.Encode(place[..rawLength], place, _batchHistory, ref flags);
        BinaryPrimitives.WriteInt32LittleEndian(window[PayloadLengthOffset..], length + _digestSize);
        BinaryPrimitives.WriteInt32LittleEndian(window[BatchCountOffset..], batched);
        BinaryPrimitives.WriteUInt32LittleEndian(window[FlagsOffset..], (uint)flags);
        BatchesWritten++;
        length = Seal(window, _headerSize + length, _batchNumber);
        Count(1 + batched, _headerSize + rawLength + _digestSize, length);
        return length;
    }
}
