using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M7: four ints, two pointers.</summary>
/// <param name="I1">Int <c>m7i1</c>.</param>
/// <param name="I2">Int <c>m7i2</c>.</param>
/// <param name="I3">Int <c>m7i3</c>.</param>
/// <param name="I4">Int <c>m7i4</c>.</param>
/// <param name="P1">Pointer (32 bits under ILP32) <c>m7p1</c>.</param>
/// <param name="P2">Pointer (32 bits under ILP32) <c>m7p2</c>.</param>
public readonly record struct MessageM7(int I1, int I2, int I3, int I4, ulong P1, ulong P2)
{
    /// <summary>Reads this form from the body of a message.</summary>
    public static MessageM7 Read(in Message message, DataModel model)
    {
        var body = message.Body.ReadOnlyBytes;
        return model == DataModel.Lp64
            ? new(
                BodyField.Int(body, 0),
                BodyField.Int(body, 4),
                BodyField.Int(body, 8),
                BodyField.Int(body, 12),
                BodyField.Pointer64(body, 16),
                BodyField.Pointer64(body, 24))
            : new(
                BodyField.Int(body, 0),
                BodyField.Int(body, 4),
                BodyField.Int(body, 8),
                BodyField.Int(body, 12),
                BodyField.Pointer32(body, 16),
                BodyField.Pointer32(body, 20));
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    public void Write(ref Message message, DataModel model)
    {
        var body = message.Body.Bytes;
        BodyField.Write(body, 0, I1);
        BodyField.Write(body, 4, I2);
        BodyField.Write(body, 8, I3);
        BodyField.Write(body, 12, I4);

        if (model == DataModel.Lp64)
        {
            BodyField.Write(body, 16, (long)P1);
            BodyField.Write(body, 24, (long)P2);
        }
        else
        {
            BodyField.Write(body, 16, (int)P1);
            BodyField.Write(body, 20, (int)P2);
        }
    }
}
