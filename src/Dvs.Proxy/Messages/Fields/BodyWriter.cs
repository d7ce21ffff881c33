using System.Buffers.Binary;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages.Fields;

/// <summary>
/// Writes the fields of a message form one after the other, little-endian. Every method writes the next field; under ILP32 longs and pointers are cut to
/// 32 bits.
/// </summary>
internal ref struct BodyWriter(ref Message message, DataModel model)
{
    private readonly Span<byte> _body = message.Body.Bytes;
    private BodyCursor _cursor = new(model);

    public void Short(short value) => BinaryPrimitives.WriteInt16LittleEndian(_body[_cursor.Next(sizeof(short))..], value);

    public void Int(int value) => BinaryPrimitives.WriteInt32LittleEndian(_body[_cursor.Next(sizeof(int))..], value);

    public void Long(long value)
    {
        if (_cursor.IsLp64)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_body[_cursor.Next(sizeof(long))..], value);
        }
        else
        {
            Int((int)value);
        }
    }

    public void Pointer(ulong value) => Long((long)value);

    public void Time(Timestamp value)
    {
        Long(value.Seconds);
        Long(value.Nanoseconds);
    }

    /// <summary>Fills a char array of <paramref name="length"/> bytes: cut where the value is longer, followed by zeros where it is shorter.</summary>
    public void Bytes(MessageBytes value, int length)
    {
        var field = _body.Slice(_cursor.NextBytes(length), length);
        var bytes = value.Span;
        var copied = Math.Min(bytes.Length, length);
        bytes[..copied].CopyTo(field);
        field[copied..].Clear();
    }
}
