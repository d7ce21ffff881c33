using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M3: two ints, a pointer, 14 bytes.</summary>
/// <param name="i1">Int <c>m3i1</c>.</param>
/// <param name="i2">Int <c>m3i2</c>.</param>
/// <param name="p1">Pointer (32 bits under ILP32) <c>m3p1</c>.</param>
/// <param name="ca1">Char array <c>m3ca1</c>; 14 bytes.</param>
public readonly struct MessageM3(int i1, int i2, ulong p1, MessageBytes ca1) : IMessageForm<MessageM3>
{
    /// <summary>Int <c>m3i1</c>.</summary>
    public int I1 { get; init; } = i1;

    /// <summary>Int <c>m3i2</c>.</summary>
    public int I2 { get; init; } = i2;

    /// <summary>Pointer (32 bits under ILP32) <c>m3p1</c>.</summary>
    public ulong P1 { get; init; } = p1;

    /// <summary>Char array <c>m3ca1</c>; 14 bytes.</summary>
    public MessageBytes Ca1 { get; init; } = ca1;

    /// <summary>Reads this form from the body of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public static MessageM3 Read(in Message message, DataModel model)
    {
        var fields = new BodyReader(in message, model);
        return new(fields.Int(), fields.Int(), fields.Pointer(), fields.Bytes(14));
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public void Write(ref Message message, DataModel model)
    {
        var fields = new BodyWriter(ref message, model);
        fields.Int(I1);
        fields.Int(I2);
        fields.Pointer(P1);
        fields.Bytes(Ca1, 14);
    }
}
