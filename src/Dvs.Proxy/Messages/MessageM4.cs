using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M4: five longs.</summary>
/// <param name="l1">Long (32 bits under ILP32) <c>m4l1</c>.</param>
/// <param name="l2">Long (32 bits under ILP32) <c>m4l2</c>.</param>
/// <param name="l3">Long (32 bits under ILP32) <c>m4l3</c>.</param>
/// <param name="l4">Long (32 bits under ILP32) <c>m4l4</c>.</param>
/// <param name="l5">Long (32 bits under ILP32) <c>m4l5</c>.</param>
public readonly struct MessageM4(long l1, long l2, long l3, long l4, long l5) : IMessageForm<MessageM4>
{
    /// <summary>Long (32 bits under ILP32) <c>m4l1</c>.</summary>
    public long L1 { get; init; } = l1;

    /// <summary>Long (32 bits under ILP32) <c>m4l2</c>.</summary>
    public long L2 { get; init; } = l2;

    /// <summary>Long (32 bits under ILP32) <c>m4l3</c>.</summary>
    public long L3 { get; init; } = l3;

    /// <summary>Long (32 bits under ILP32) <c>m4l4</c>.</summary>
    public long L4 { get; init; } = l4;

    /// <summary>Long (32 bits under ILP32) <c>m4l5</c>.</summary>
    public long L5 { get; init; } = l5;

    /// <summary>Reads this form from the body of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public static MessageM4 Read(in Message message, DataModel model)
    {
        var fields = new BodyReader(in message, model);
        return new(fields.Long(), fields.Long(), fields.Long(), fields.Long(), fields.Long());
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public void Write(ref Message message, DataModel model)
    {
        var fields = new BodyWriter(ref message, model);
        fields.Long(L1);
        fields.Long(L2);
        fields.Long(L3);
        fields.Long(L4);
        fields.Long(L5);
    }
}
