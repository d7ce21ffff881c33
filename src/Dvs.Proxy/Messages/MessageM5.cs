using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M5: two shorts, two ints, three longs.</summary>
/// <param name="c1">Short <c>m5c1</c>.</param>
/// <param name="c2">Short <c>m5c2</c>.</param>
/// <param name="i1">Int <c>m5i1</c>.</param>
/// <param name="i2">Int <c>m5i2</c>.</param>
/// <param name="l1">Long (32 bits under ILP32) <c>m5l1</c>.</param>
/// <param name="l2">Long (32 bits under ILP32) <c>m5l2</c>.</param>
/// <param name="l3">Long (32 bits under ILP32) <c>m5l3</c>.</param>
public readonly struct MessageM5(short c1, short c2, int i1, int i2, long l1, long l2, long l3) : IMessageForm<MessageM5>
{
    /// <summary>Short <c>m5c1</c>.</summary>
    public short C1 { get; init; } = c1;

    /// <summary>Short <c>m5c2</c>.</summary>
    public short C2 { get; init; } = c2;

    /// <summary>Int <c>m5i1</c>.</summary>
    public int I1 { get; init; } = i1;

    /// <summary>Int <c>m5i2</c>.</summary>
    public int I2 { get; init; } = i2;

    /// <summary>Long (32 bits under ILP32) <c>m5l1</c>.</summary>
    public long L1 { get; init; } = l1;

    /// <summary>Long (32 bits under ILP32) <c>m5l2</c>.</summary>
    public long L2 { get; init; } = l2;

    /// <summary>Long (32 bits under ILP32) <c>m5l3</c>.</summary>
    public long L3 { get; init; } = l3;

    /// <summary>Reads this form from the body of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public static MessageM5 Read(in Message message, DataModel model)
    {
        var fields = new BodyReader(in message, model);
        return new(fields.Short(), fields.Short(), fields.Int(), fields.Int(), fields.Long(), fields.Long(), fields.Long());
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public void Write(ref Message message, DataModel model)
    {
        var fields = new BodyWriter(ref message, model);
        fields.Short(C1);
        fields.Short(C2);
        fields.Int(I1);
        fields.Int(I2);
        fields.Long(L1);
        fields.Long(L2);
        fields.Long(L3);
    }
}
