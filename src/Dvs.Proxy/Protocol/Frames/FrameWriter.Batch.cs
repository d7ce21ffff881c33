using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Dvs.Proxy.Protocol.Frames;

/// <content>Several headers in one frame: the outer header is patched when the batch is closed.</content>
public sealed partial class FrameWriter
{
    // The places of the patched fields are the same in both data models.
    private const int PayloadLengthOffset = 28;
    private const int BatchCountOffset = 36;
    private const int FlagsOffset = 40;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsBatchable(in CommandHeader header) =>
        header.PayloadLength == 0 && header.Command != CommandCode.None && !header.Command.CarriesPayload();

    private void OpenBatch(Span<byte> room, in CommandHeader header)
    {
        _outerFlags = FlagsOf(isNumbered: true, in header);
        WriteHeader(room, in header, new ProxyFields(_digestSize, _outerFlags, SendSequence, AcknowledgeSequence));
        _isCompact = CompactBatches && _compactBatch!.LargestLength <= _maxPayload;
        if (_isCompact)
        {
            _compactBatch!.Begin(in header);
        }

        _batched = 0;
        _batchLength = 0;
        HasOpenBatch = true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddBatched(Span<byte> room, in CommandHeader header)
    {
        var place = room[NextHeader..];
        _batched++;
        if (_isCompact)
        {
            _batchLength += _compactBatch!.Add(in header, place);
        }
        else
        {
            WriteHeader(place, in header, ProxyFields.OfBatched(header.Flags));
            _batchLength += _headerSize;
        }

        // A command that hardly resembles the one before can become longer than it is. A compact batch ends before it could be longer than one of whole
        // headers.
        if (_batched == _maxBatch || (_isCompact && _batchLength > _fullCompactLength))
        {
            Complete();
        }
    }

    // The batch has the number that was next when it was opened: no other frame came in between.
    private int CloseBatch(Span<byte> room)
    {
        var batched = _batched;
        HasOpenBatch = false;
        _batched = 0;
        if (batched == 0)
        {
            var alone = Seal(room, _headerSize, _sink.NextNumber);
            Count(alone, alone, _outerFlags);
            Append(alone, 1, isNumbered: true);
            return alone;
        }

        var flags = _outerFlags | CommandFlags.Batch;
        var length = _batchLength;
        if (_isCompact)
        {
            flags |= CommandFlags.Compact;
        }
        else
        {
            var place = room[_headerSize..];
            length = _payloads.Encode(place[..length], place, _batchHistory, ref flags);
        }

        BinaryPrimitives.WriteInt32LittleEndian(room[PayloadLengthOffset..], length + _digestSize);
        BinaryPrimitives.WriteInt32LittleEndian(room[BatchCountOffset..], batched);
        BinaryPrimitives.WriteUInt32LittleEndian(room[FlagsOffset..], (uint)flags);
        BatchesWritten++;
        length = Seal(room, _headerSize + length, _sink.NextNumber);
        Count(_headerSize + (batched * _headerSize) + _digestSize, length, flags);
        Append(length, 1 + batched, isNumbered: true);
        return length;
    }
}
