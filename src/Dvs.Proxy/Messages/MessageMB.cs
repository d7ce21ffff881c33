using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form MB: a number and an MD5 digest.</summary>
/// <param name="nr">Long (32 bits under ILP32) <c>mBnr</c>.</param>
/// <param name="md5">Char array <c>mBmd5</c>; 16 bytes.</param>
public readonly struct MessageMB(long nr, MessageBytes md5) : IMessageForm<MessageMB>
{
    /// <summary>Long (32 bits under ILP32) <c>mBnr</c>.</summary>
    public long Nr { get; init; } = nr;

    /// <summary>Char array <c>mBmd5</c>; 16 bytes.</summary>
    public MessageBytes Md5 { get; init; } = md5;

    /// <summary>Reads this form from the body of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public static MessageMB Read(in Message message, DataModel model)
    {
        var fields = new BodyReader(in message, model);
        return new(fields.Long(), fields.Bytes(16));
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    public void Write(ref Message message, DataModel model)
    {
        var fields = new BodyWriter(ref message, model);
        fields.Long(Nr);
        fields.Bytes(Md5, 16);
    }
}
