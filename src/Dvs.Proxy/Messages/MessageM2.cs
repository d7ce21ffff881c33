using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M2: three ints, two longs, a pointer.</summary>
/// <param name="i1">Int <c>m2i1</c>.</param>
/// <param name="i2">Int <c>m2i2</c>.</param>
/// <param name="i3">Int <c>m2i3</c>.</param>
/// <param name="l1">Long (32 bits under ILP32) <c>m2l1</c>.</param>
/// <param name="l2">Long (32 bits under ILP32) <c>m2l2</c>.</param>
/// <param name="p1">Pointer (32 bits under ILP32) <c>m2p1</c>.</param>
public readonly struct MessageM2(int i1, int i2, int i3, long l1, long l2, ulong p1) : IMessageForm<MessageM2>
{
    /// <summary>Int <c>m2i1</c>.</summary>
    public int I1 { get; init; } = i1;

    /// <summary>Int <c>m2i2</c>.</summary>
    public int I2 { get; init; } = i2;

    /// <summary>Int <c>m2i3</c>.</summary>
    public int I3 { get; init; } = i3;

    /// <summary>Long (32 bits under ILP32) <c>m2l1</c>.</summary>
    public long L1 { get; init; } = l1;

    /// <summary>Long (32 bits under ILP32) <c>m2l2</c>.</summary>
    public long L2 { get; init; } = l2;

    /// <summary>Pointer (32 bits under ILP32) <c>m2p1</c>.</summary>
    public ulong P1 { get; init; } = p1;

    /// <summary>Reads this form from the body of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public static MessageM2 Read(in Message message, DataModel model)
    {
        var fields = new BodyReader(in message, model);
        return new(fields.Int(), fields.Int(), fields.Int(), fields.Long(), fields.Long(), fields.Pointer());
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
        fields.Long(L1);
        fields.Long(L2);
        fields.Pointer(P1);
    }
}
