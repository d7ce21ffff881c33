using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M4: five longs.</summary>
/// <param name="L1">Long (32 bits under ILP32) <c>m4l1</c>.</param>
/// <param name="L2">Long (32 bits under ILP32) <c>m4l2</c>.</param>
/// <param name="L3">Long (32 bits under ILP32) <c>m4l3</c>.</param>
/// <param name="L4">Long (32 bits under ILP32) <c>m4l4</c>.</param>
/// <param name="L5">Long (32 bits under ILP32) <c>m4l5</c>.</param>
public readonly record struct MessageM4(long L1, long L2, long L3, long L4, long L5)
{
    /// <summary>Reads this form from the body of a message.</summary>
    public static MessageM4 Read(in Message message, DataModel model)
    {
        var body = message.Body.ReadOnlyBytes;
        return model == DataModel.Lp64
            ? new(
                BodyField.Long64(body, 0),
                BodyField.Long64(body, 8),
                BodyField.Long64(body, 16),
                BodyField.Long64(body, 24),
                BodyField.Long64(body, 32))
            : new(
                BodyField.Int(body, 0),
                BodyField.Int(body, 4),
                BodyField.Int(body, 8),
                BodyField.Int(body, 12),
                BodyField.Int(body, 16));
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    public void Write(ref Message message, DataModel model)
    {
        var body = message.Body.Bytes;
        if (model == DataModel.Lp64)
        {
            BodyField.Write(body, 0, L1);
            BodyField.Write(body, 8, L2);
            BodyField.Write(body, 16, L3);
            BodyField.Write(body, 24, L4);
            BodyField.Write(body, 32, L5);
        }
        else
        {
            BodyField.Write(body, 0, (int)L1);
            BodyField.Write(body, 4, (int)L2);
            BodyField.Write(body, 8, (int)L3);
            BodyField.Write(body, 12, (int)L4);
            BodyField.Write(body, 16, (int)L5);
        }
    }
}
