using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M2: three ints, two longs, a pointer.</summary>
/// <param name="I1">Int <c>m2i1</c>.</param>
/// <param name="I2">Int <c>m2i2</c>.</param>
/// <param name="I3">Int <c>m2i3</c>.</param>
/// <param name="L1">Long (32 bits under ILP32) <c>m2l1</c>.</param>
/// <param name="L2">Long (32 bits under ILP32) <c>m2l2</c>.</param>
/// <param name="P1">Pointer (32 bits under ILP32) <c>m2p1</c>.</param>
public readonly record struct MessageM2(int I1, int I2, int I3, long L1, long L2, ulong P1)
{
    /// <summary>Reads this form from the body of a message.</summary>
    public static MessageM2 Read(in Message message, DataModel model)
    {
        var body = message.Body.ReadOnlyBytes;
        return model == DataModel.Lp64
            ? new(
                BodyField.Int(body, 0),
                BodyField.Int(body, 4),
                BodyField.Int(body, 8),
                BodyField.Long64(body, 16),
                BodyField.Long64(body, 24),
                BodyField.Pointer64(body, 32))
            : new(
                BodyField.Int(body, 0),
                BodyField.Int(body, 4),
                BodyField.Int(body, 8),
                BodyField.Int(body, 12),
                BodyField.Int(body, 16),
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
            BodyField.Write(body, 16, L1);
            BodyField.Write(body, 24, L2);
            BodyField.Write(body, 32, (long)P1);
        }
        else
        {
            BodyField.Write(body, 12, (int)L1);
            BodyField.Write(body, 16, (int)L2);
            BodyField.Write(body, 20, (int)P1);
        }
    }
}
