using Dvs.Proxy.Messages;
using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tool.Campaign.Processes;

/// <summary>The messages of the campaign: form M1 for numbers and addresses, form MB for an MD5.</summary>
internal static class CampaignMessages
{
    public const int Barrier = 100;
    public const int Ping = 101;
    public const int Pong = 102;
    public const int OneWay = 103;
    public const int Memory = 104;
    public const int Digest = 105;
    public const int CopyDone = 106;
    public const int Hello = 107;
    public const int CopyFailed = 199;

    /// <summary>Type of the message that stands for a notification; the notifier's number is added.</summary>
    public const int NotifyBase = 0x1000;

    public static Message Numbers(int type, int i1, int i2, ulong p1 = 0, int i3 = 0)
    {
        var message = new Message { Type = type };
        new MessageM1(i1, i2, i3, p1, 0, 0).Write(ref message, DataModel.Lp64);
        return message;
    }

    public static MessageM1 ReadNumbers(in Message message, int expectedType)
    {
        Expect(in message, expectedType);
        return MessageM1.Read(in message, DataModel.Lp64);
    }

    public static Message Md5(int type, int length, ReadOnlySpan<byte> md5)
    {
        var message = new Message { Type = type };
        new MessageMB(length, new MessageBytes(md5)).Write(ref message, DataModel.Lp64);
        return message;
    }

    public static MessageMB ReadMd5(in Message message, int expectedType, int expectedLength)
    {
        Expect(in message, expectedType);
        var form = MessageMB.Read(in message, DataModel.Lp64);
        return form.Nr == expectedLength ? form : throw new CampaignFault($"a message announced a block of {form.Nr} bytes, expected {expectedLength}");
    }

    public static void Expect(in Message message, int type)
    {
        if (message.Type != type)
        {
            throw new CampaignFault($"a message of type {message.Type} came from {message.Source}, expected type {type}");
        }
    }

    public static void ExpectSource(in Message message, int endpoint)
    {
        if (message.Source != endpoint)
        {
            throw new CampaignFault($"a message came from {message.Source}, expected {endpoint}");
        }
    }
}
