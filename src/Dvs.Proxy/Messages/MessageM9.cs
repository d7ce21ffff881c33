using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M9: two ints and a point in time; the form of notifications.</summary>
/// <param name="I1">Int <c>m9i1</c>.</param>
/// <param name="L1">Int <c>m9l1</c>.</param>
/// <param name="T1">Point in time (32-bit parts under ILP32) <c>m9t1</c>.</param>
public readonly record struct MessageM9(int I1, int L1, Timestamp T1)
{
    /// <summary>Reads this form from the body of a message.</summary>
    public static MessageM9 Read(in Message message, DataModel model)
    {
        var body = message.Body.ReadOnlyBytes;
        return model == DataModel.Lp64
            ? new(
                BodyField.Int(body, 0),
                BodyField.Int(body, 4),
                BodyField.Time64(body, 8))
            : new(
                BodyField.Int(body, 0),
                BodyField.Int(body, 4),
                BodyField.Time32(body, 8));
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    public void Write(ref Message message, DataModel model)
    {
        var body = message.Body.Bytes;
        BodyField.Write(body, 0, I1);
        BodyField.Write(body, 4, L1);

        if (model == DataModel.Lp64)
        {
            BodyField.Write64(body, 8, T1);
        }
        else
        {
            BodyField.Write32(body, 8, T1);
        }
    }
}
