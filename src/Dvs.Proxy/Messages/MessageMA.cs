using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form MA: a destination, a number, four ints.</summary>
/// <param name="dst">Int <c>mAdst</c>.</param>
/// <param name="nr">Int <c>mAnr</c>.</param>
/// <param name="ia0">Int <c>mAia[0]</c>.</param>
/// <param name="ia1">Int <c>mAia[1]</c>.</param>
/// <param name="ia2">Int <c>mAia[2]</c>.</param>
/// <param name="ia3">Int <c>mAia[3]</c>.</param>
public readonly struct MessageMA(int dst, int nr, int ia0, int ia1, int ia2, int ia3) : IMessageForm<MessageMA>
{
    /// <summary>Int <c>mAdst</c>.</summary>
    public int Dst { get; init; } = dst;

    /// <summary>Int <c>mAnr</c>.</summary>
    public int Nr { get; init; } = nr;

    /// <summary>Int <c>mAia[0]</c>.</summary>
    public int Ia0 { get; init; } = ia0;

    /// <summary>Int <c>mAia[1]</c>.</summary>
    public int Ia1 { get; init; } = ia1;

    /// <summary>Int <c>mAia[2]</c>.</summary>
    public int Ia2 { get; init; } = ia2;

    /// <summary>Int <c>mAia[3]</c>.</summary>
    public int Ia3 { get; init; } = ia3;

    /// <summary>Reads this form from the body of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public static MessageMA Read(in Message message, DataModel model)
    {
        var fields = new BodyReader(in message, model);
        return new(fields.Int(), fields.Int(), fields.Int(), fields.Int(), fields.Int(), fields.Int());
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public void Write(ref Message message, DataModel model)
    {
        var fields = new BodyWriter(ref message, model);
        fields.Int(Dst);
        fields.Int(Nr);
        fields.Int(Ia0);
        fields.Int(Ia1);
        fields.Int(Ia2);
        fields.Int(Ia3);
    }
}
