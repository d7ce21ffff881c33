using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form MC: four ints, 10 bytes.</summary>
/// <param name="i1">Int <c>mCi1</c>.</param>
/// <param name="i2">Int <c>mCi2</c>.</param>
/// <param name="i3">Int <c>mCi3</c>.</param>
/// <param name="i4">Int <c>mCi4</c>.</param>
/// <param name="ca1">Char array <c>mCca1</c>; 10 bytes.</param>
public readonly struct MessageMC(int i1, int i2, int i3, int i4, MessageBytes ca1) : IMessageForm<MessageMC>
{
    /// <summary>Int <c>mCi1</c>.</summary>
    public int I1 { get; init; } = i1;

    /// <summary>Int <c>mCi2</c>.</summary>
    public int I2 { get; init; } = i2;

    /// <summary>Int <c>mCi3</c>.</summary>
    public int I3 { get; init; } = i3;

    /// <summary>Int <c>mCi4</c>.</summary>
    public int I4 { get; init; } = i4;

    /// <summary>Char array <c>mCca1</c>; 10 bytes.</summary>
    public MessageBytes Ca1 { get; init; } = ca1;

    /// <summary>Reads this form from the body of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public static MessageMC Read(in Message message, DataModel model)
    {
        var fields = new BodyReader(in message, model);
        return new(fields.Int(), fields.Int(), fields.Int(), fields.Int(), fields.Bytes(10));
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
        fields.Bytes(Ca1, 10);
    }
}
