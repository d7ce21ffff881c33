using System.Buffers.Binary;
using Dvs.Proxy.Fuzz.Engine;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Fuzz.Targets.Frames;

/// <summary>The integers of a stream of frames.</summary>
internal static class HeaderFields
{
    /// <summary>The fields of every header of a good stream, those of the first header first.</summary>
    public static IReadOnlyList<Field> Find(ReadOnlySpan<byte> stream, WireLayout layout)
    {
        var fields = new List<Field>();
        var headerSize = layout.HeaderSize;
        var start = 0;
        while (start + headerSize <= stream.Length)
        {
            AddHeader(fields, start, layout);
            var length = BinaryPrimitives.ReadInt32LittleEndian(stream[(start + 28)..]);
            var isPlainBatch = (stream[start + 40] & 3) == 1;
            for (var inner = start + headerSize; isPlainBatch && inner + headerSize <= start + headerSize + length; inner += headerSize)
            {
                AddHeader(fields, inner, layout);
            }

            start += headerSize + length;
        }

        return fields;
    }

    private static void AddHeader(List<Field> fields, int start, WireLayout layout)
    {
        var isLp64 = layout.DataModel == DataModel.Lp64;
        var word = isLp64 ? 8 : 4;
        var message = isLp64 ? 80 : 60;
        fields.Add(new Field(start, 4, FieldKind.Code));
        fields.Add(new Field(start + 28, 4, FieldKind.Length));
        fields.Add(new Field(start + 36, 4, FieldKind.Length));
        fields.Add(new Field(start + 40, word, FieldKind.Flags));
        fields.Add(new Field(start + (isLp64 ? 160 : 116), 4, FieldKind.Length));
        fields.Add(new Field(start + 24, 4, FieldKind.Other));
        fields.Add(new Field(start + 40 + word, word, FieldKind.Counter));
        fields.Add(new Field(start + 40 + (2 * word), word, FieldKind.Counter));
        fields.Add(new Field(start + message + 4, 4, FieldKind.Code));
        fields.Add(new Field(start + message + 8, 4, FieldKind.Other));
        fields.Add(new Field(start + message + 16, 4, FieldKind.Other));
        fields.Add(new Field(start + 16, 4, FieldKind.Other));
        fields.Add(new Field(start + 20, 4, FieldKind.Other));
        fields.Add(new Field(start + message, 4, FieldKind.Other));
        fields.Add(new Field(start + 40 + (3 * word), word, FieldKind.Other));
        fields.Add(new Field(start + message + 12, 4, FieldKind.Other));
        fields.Add(new Field(start + message + 24, 4, FieldKind.Counter));
    }
}
