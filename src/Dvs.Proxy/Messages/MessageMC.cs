using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form MC: four ints, 10 bytes.</summary>
/// <param name="I1">Int <c>mCi1</c>.</param>
/// <param name="I2">Int <c>mCi2</c>.</param>
/// <param name="I3">Int <c>mCi3</c>.</param>
/// <param name="I4">Int <c>mCi4</c>.</param>
/// <param name="Ca1">Char array <c>mCca1</c>; 10 bytes.</param>
public readonly record struct MessageMC(int I1, int I2, int I3, int I4, MessageBytes Ca1)
{
    /// <summary>Reads this form from the body of a message.</summary>
    public static MessageMC Read(in Message message, DataModel model)
    {
        var body = message.Body.ReadOnlyBytes;
        return new(
            BodyField.Int(body, 0),
            BodyField.Int(body, 4),
            BodyField.Int(body, 8),
            BodyField.Int(body, 12),
            new MessageBytes(body.Slice(16, 10)));
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    public void Write(ref Message message, DataModel model)
    {
        var body = message.Body.Bytes;
        BodyField.Write(body, 0, I1);
        BodyField.Write(body, 4, I2);
        BodyField.Write(body, 8, I3);
        BodyField.Write(body, 12, I4);
        BodyField.Write(body.Slice(16, 10), Ca1);
    }
}
