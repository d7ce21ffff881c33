using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form M9: two ints and a point in time; the form of notifications.</summary>
/// <param name="i1">Int <c>m9i1</c>.</param>
/// <param name="l1">Int <c>m9l1</c>.</param>
/// <param name="t1">Point in time (32-bit parts under ILP32) <c>m9t1</c>.</param>
public readonly struct MessageM9(int i1, int l1, Timestamp t1) : IMessageForm<MessageM9>
{
    /// <summary>Int <c>m9i1</c>.</summary>
    public int I1 { get; init; } = i1;

    /// <summary>Int <c>m9l1</c>.</summary>
    public int L1 { get; init; } = l1;

    /// <summary>Point in time (32-bit parts under ILP32) <c>m9t1</c>.</summary>
    public Timestamp T1 { get; init; } = t1;

    /// <summary>Reads this form from the body of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public static MessageM9 Read(in Message message, DataModel model)
    {
        var fields = new BodyReader(in message, model);
        return new(fields.Int(), fields.Int(), fields.Time());
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public void Write(ref Message message, DataModel model)
    {
        var fields = new BodyWriter(ref message, model);
        fields.Int(I1);
        fields.Int(L1);
        fields.Time(T1);
    }
}
