using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M7: four ints, two pointers.</summary>
/// <param name="i1">Int <c>m7i1</c>.</param>
/// <param name="i2">Int <c>m7i2</c>.</param>
/// <param name="i3">Int <c>m7i3</c>.</param>
/// <param name="i4">Int <c>m7i4</c>.</param>
/// <param name="p1">Pointer (32 bits under ILP32) <c>m7p1</c>.</param>
/// <param name="p2">Pointer (32 bits under ILP32) <c>m7p2</c>.</param>
public readonly struct MessageM7(int i1, int i2, int i3, int i4, ulong p1, ulong p2) : IMessageForm<MessageM7>
{
    /// <summary>Int <c>m7i1</c>.</summary>
    public int I1 { get; init; } = i1;

    /// <summary>Int <c>m7i2</c>.</summary>
    public int I2 { get; init; } = i2;

    /// <summary>Int <c>m7i3</c>.</summary>
    public int I3 { get; init; } = i3;

    /// <summary>Int <c>m7i4</c>.</summary>
    public int I4 { get; init; } = i4;

    /// <summary>Pointer (32 bits under ILP32) <c>m7p1</c>.</summary>
    public ulong P1 { get; init; } = p1;

    /// <summary>Pointer (32 bits under ILP32) <c>m7p2</c>.</summary>
    public ulong P2 { get; init; } = p2;

    /// <summary>Reads this form from the body of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public static MessageM7 Read(in Message message, DataModel model)
    {
        var fields = new BodyReader(in message, model);
        return new(fields.Int(), fields.Int(), fields.Int(), fields.Int(), fields.Pointer(), fields.Pointer());
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public void Write(ref Message message, DataModel model)
    {
        var fields = new BodyWriter(ref message, model);
        fields.Int(I1);
        fields.Int(I2);
        fields.Int(I3);
        fields.Int(I4);
        fields.Pointer(P1);
        fields.Pointer(P2);
    }
}
