using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form MA: a destination, a number, four ints.</summary>
/// <param name="Dst">Int <c>mAdst</c>.</param>
/// <param name="Nr">Int <c>mAnr</c>.</param>
/// <param name="Ia0">Int <c>mAia[0]</c>.</param>
/// <param name="Ia1">Int <c>mAia[1]</c>.</param>
/// <param name="Ia2">Int <c>mAia[2]</c>.</param>
/// <param name="Ia3">Int <c>mAia[3]</c>.</param>
public readonly record struct MessageMA(int Dst, int Nr, int Ia0, int Ia1, int Ia2, int Ia3)
{
    /// <summary>Reads this form from the body of a message.</summary>
    public static MessageMA Read(in Message message, DataModel model)
    {
        var body = message.Body.ReadOnlyBytes;
        return new(
            BodyField.Int(body, 0),
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
        BodyField.Write(body, 0, Dst);
        BodyField.Write(body, 4, Nr);
        BodyField.Write(body, 8, Ia0);
        BodyField.Write(body, 12, Ia1);
        BodyField.Write(body, 16, Ia2);
        BodyField.Write(body, 20, Ia3);
    }
}
