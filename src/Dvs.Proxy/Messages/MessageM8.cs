using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M8: two ints, four pointers.</summary>
/// <param name="i1">Int <c>m8i1</c>.</param>
/// <param name="i2">Int <c>m8i2</c>.</param>
/// <param name="p1">Pointer (32 bits under ILP32) <c>m8p1</c>.</param>
/// <param name="p2">Pointer (32 bits under ILP32) <c>m8p2</c>.</param>
/// <param name="p3">Pointer (32 bits under ILP32) <c>m8p3</c>.</param>
/// <param name="p4">Pointer (32 bits under ILP32) <c>m8p4</c>.</param>
public readonly struct MessageM8(int i1, int i2, ulong p1, ulong p2, ulong p3, ulong p4) : IMessageForm<MessageM8>
{
    /// <summary>Int <c>m8i1</c>.</summary>
    public int I1 { get; init; } = i1;

    /// <summary>Int <c>m8i2</c>.</summary>
    public int I2 { get; init; } = i2;

    /// <summary>Pointer (32 bits under ILP32) <c>m8p1</c>.</summary>
    public ulong P1 { get; init; } = p1;

    /// <summary>Pointer (32 bits under ILP32) <c>m8p2</c>.</summary>
    public ulong P2 { get; init; } = p2;

    /// <summary>Pointer (32 bits under ILP32) <c>m8p3</c>.</summary>
    public ulong P3 { get; init; } = p3;

    /// <summary>Pointer (32 bits under ILP32) <c>m8p4</c>.</summary>
    public ulong P4 { get; init; } = p4;

    /// <summary>Reads this form from the body of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public static MessageM8 Read(in Message message, DataModel model)
    {
        var fields = new BodyReader(in message, model);
        return new(fields.Int(), fields.Int(), fields.Pointer(), fields.Pointer(), fields.Pointer(), fields.Pointer());
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
        fields.Pointer(P2);
        fields.Pointer(P3);
        fields.Pointer(P4);
    }
}
