using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Message form MB: a number and an MD5 digest.</summary>
/// <param name="Nr">Long (32 bits under ILP32) <c>mBnr</c>.</param>
/// <param name="Md5">Char array <c>mBmd5</c>; 16 bytes.</param>
public readonly record struct MessageMB(long Nr, MessageBytes Md5)
{
    /// <summary>Reads this form from the body of a message.</summary>
    public static MessageMB Read(in Message message, DataModel model)
    {
        var body = message.Body.ReadOnlyBytes;
        return model == DataModel.Lp64
            ? new(
                BodyField.Long64(body, 0),
                new MessageBytes(body.Slice(8, 16)))
            : new(
                BodyField.Int(body, 0),
                new MessageBytes(body.Slice(4, 16)));
    }

    /// <summary>Writes this form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    public void Write(ref Message message, DataModel model)
    {
        var body = message.Body.Bytes;
        if (model == DataModel.Lp64)
        {
            BodyField.Write(body, 0, Nr);
            BodyField.Write(body.Slice(8, 16), Md5);
        }
        else
        {
            BodyField.Write(body, 0, (int)Nr);
            BodyField.Write(body.Slice(4, 16), Md5);
        }
    }
}
