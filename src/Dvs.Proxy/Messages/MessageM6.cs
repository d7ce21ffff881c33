using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M6: bytes: 32 under LP64, 28 under ILP32.</summary>
/// <param name="Ca1">Char array <c>m6ca1</c>; 32 bytes, 28 under ILP32.</param>
public readonly record struct MessageM6(MessageBytes Ca1)
{
    /// <summary>Reads this form from the body of a message.</summary>
    public static MessageM6 Read(in Message message, DataModel model)
    {
        var body = message.Body.ReadOnlyBytes;
        return model == DataModel.Lp64
            ? new(
                new MessageBytes(body.Slice(0, 32)))
            : new(
                new MessageBytes(body.Slice(0, 28)));
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    public void Write(ref Message message, DataModel model)
    {
        var body = message.Body.Bytes;
        if (model == DataModel.Lp64)
        {
            BodyField.Write(body.Slice(0, 32), Ca1);
        }
        else
        {
            BodyField.Write(body.Slice(0, 28), Ca1);
        }
    }
}
