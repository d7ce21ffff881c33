using System.Buffers.Binary;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages.Fields;

/// <summary>Reads the fields of a message form one after the other, little-endian. Every method takes the next field.</summary>
internal ref struct BodyReader(in Message message, DataModel model)
{
    private readonly ReadOnlySpan<byte> _body = message.Body.ReadOnlyBytes;
    private BodyCursor _cursor = new(model);

    public short Short() => BinaryPrimitives.ReadInt16LittleEndian(_body[_cursor.Next(sizeof(short))..]);

    public int Int() => BinaryPrimitives.ReadInt32LittleEndian(_body[_cursor.Next(sizeof(int))..]);

    public long Long() => _cursor.IsLp64 ? BinaryPrimitives.ReadInt64LittleEndian(_body[_cursor.Next(sizeof(long))..]) : Int();

    public ulong Pointer() => _cursor.IsLp64 ? (ulong)Long() : (uint)Int();

    public Timestamp Time() => new(Long(), Long());

    public MessageBytes Bytes(int length) => new(_body.Slice(_cursor.NextBytes(length), length));
}
