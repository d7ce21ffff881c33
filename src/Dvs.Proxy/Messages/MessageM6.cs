using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M6: bytes: 32 under LP64, 28 under ILP32.</summary>
/// <param name="ca1">Char array <c>m6ca1</c>; 32 bytes, 28 under ILP32.</param>
public readonly struct MessageM6(MessageBytes ca1) : IMessageForm<MessageM6>
{
    /// <summary>Char array <c>m6ca1</c>; 32 bytes, 28 under ILP32.</summary>
    public MessageBytes Ca1 { get; init; } = ca1;

    /// <summary>Reads this form from the body of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public static MessageM6 Read(in Message message, DataModel model)
    {
        var fields = new BodyReader(in message, model);
        return new(fields.Bytes(model == DataModel.Lp64 ? 32 : 28));
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public void Write(ref Message message, DataModel model)
    {
        var fields = new BodyWriter(ref message, model);
        fields.Bytes(Ca1, model == DataModel.Lp64 ? 32 : 28);
    }
}
