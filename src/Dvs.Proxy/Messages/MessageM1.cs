using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M1: three ints, three pointers.</summary>
/// <param name="I1">Int <c>m1i1</c>.</param>
/// <param name="I2">Int <c>m1i2</c>.</param>
/// <param name="I3">Int <c>m1i3</c>.</param>
/// <param name="P1">Pointer (32 bits under ILP32) <c>m1p1</c>.</param>
/// <param name="P2">Pointer (32 bits under ILP32) <c>m1p2</c>.</param>
/// <param name="P3">Pointer (32 bits under ILP32) <c>m1p3</c>.</param>
public readonly record struct MessageM1(int I1, int I2, int I3, ulong P1, ulong P2, ulong P3)
{
    /// <summary>Reads this form from the body of a message.</summary>
    public static MessageM1 Read(in Message message, DataModel model)
    {
        var body = message.Body.ReadOnlyBytes;
        return model == DataModel.Lp64
            ? new(
                BodyField.Int(body, 0),
                BodyField.Int(body, 4),
                BodyField.Int(body, 8),
                BodyField.Pointer64(body, 16),
                BodyField.Pointer64(body, 24),
                BodyField.Pointer64(body, 32))
            : new(
                BodyField.Int(body, 0),
                BodyField.Int(body, 4),
                BodyField.Int(body, 8),
                BodyField.Pointer32(body, 12),
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

        if (model == DataModel.Lp64)
        {
            BodyField.Write(body, 16, (long)P1);
            BodyField.Write(body, 24, (long)P2);
            BodyField.Write(body, 32, (long)P3);
        }
        else
        {
            BodyField.Write(body, 12, (int)P1);
            BodyField.Write(body, 16, (int)P2);
            BodyField.Write(body, 20, (int)P3);
        }
    }
}
