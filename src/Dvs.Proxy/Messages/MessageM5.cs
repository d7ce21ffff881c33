using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M5: two shorts, two ints, three longs.</summary>
/// <param name="C1">Short <c>m5c1</c>.</param>
/// <param name="C2">Short <c>m5c2</c>.</param>
/// <param name="I1">Int <c>m5i1</c>.</param>
/// <param name="I2">Int <c>m5i2</c>.</param>
/// <param name="L1">Long (32 bits under ILP32) <c>m5l1</c>.</param>
/// <param name="L2">Long (32 bits under ILP32) <c>m5l2</c>.</param>
/// <param name="L3">Long (32 bits under ILP32) <c>m5l3</c>.</param>
public readonly record struct MessageM5(short C1, short C2, int I1, int I2, long L1, long L2, long L3)
{
    /// <summary>Reads this form from the body of a message.</summary>
    public static MessageM5 Read(in Message message, DataModel model)
    {
        var body = message.Body.ReadOnlyBytes;
        return model == DataModel.Lp64
            ? new(
                BodyField.Short(body, 0),
                BodyField.Short(body, 2),
                BodyField.Int(body, 4),
                BodyField.Int(body, 8),
                BodyField.Long64(body, 16),
                BodyField.Long64(body, 24),
                BodyField.Long64(body, 32))
            : new(
                BodyField.Short(body, 0),
                BodyField.Short(body, 2),
                BodyField.Int(body, 4),
                BodyField.Int(body, 8),
                BodyField.Int(body, 12),
                BodyField.Int(body, 16),
                BodyField.Int(body, 20));
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    public void Write(ref Message message, DataModel model)
    {
        var body = message.Body.Bytes;
        BodyField.Write(body, 0, C1);
        BodyField.Write(body, 2, C2);
        BodyField.Write(body, 4, I1);
        BodyField.Write(body, 8, I2);

        if (model == DataModel.Lp64)
        {
            BodyField.Write(body, 16, L1);
            BodyField.Write(body, 24, L2);
            BodyField.Write(body, 32, L3);
        }
        else
        {
            BodyField.Write(body, 12, (int)L1);
            BodyField.Write(body, 16, (int)L2);
            BodyField.Write(body, 20, (int)L3);
        }
    }
}
