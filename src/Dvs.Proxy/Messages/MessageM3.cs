using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M3: two ints, a pointer, 14 bytes.</summary>
/// <param name="I1">Int <c>m3i1</c>.</param>
/// <param name="I2">Int <c>m3i2</c>.</param>
/// <param name="P1">Pointer (32 bits under ILP32) <c>m3p1</c>.</param>
/// <param name="Ca1">Char array <c>m3ca1</c>; 14 bytes.</param>
public readonly record struct MessageM3(int I1, int I2, ulong P1, MessageBytes Ca1)
{
    /// <summary>Reads this form from the body of a message.</summary>
    public static MessageM3 Read(in Message message, DataModel model)
    {
        var body = message.Body.ReadOnlyBytes;
        return model == DataModel.Lp64
            ? new(
                BodyField.Int(body, 0),
                BodyField.Int(body, 4),
                BodyField.Pointer64(body, 8),
                new MessageBytes(body.Slice(16, 14)))
            : new(
                BodyField.Int(body, 0),
                BodyField.Int(body, 4),
                BodyField.Pointer32(body, 8),
                new MessageBytes(body.Slice(12, 14)));
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    public void Write(ref Message message, DataModel model)
    {
        var body = message.Body.Bytes;
        BodyField.Write(body, 0, I1);
        BodyField.Write(body, 4, I2);

        if (model == DataModel.Lp64)
        {
            BodyField.Write(body, 8, (long)P1);
            BodyField.Write(body.Slice(16, 14), Ca1);
        }
        else
        {
            BodyField.Write(body, 8, (int)P1);
            BodyField.Write(body.Slice(12, 14), Ca1);
        }
    }
}
