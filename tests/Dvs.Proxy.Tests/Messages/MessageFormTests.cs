using Dvs.Proxy.Messages;
using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Messages;

/// <summary>A message made of a form has the layout of its cluster's data model, and reads back as the same form.</summary>
public class MessageFormTests
{
    public static TheoryData<DataModel> Models => [DataModel.Lp64, DataModel.Ilp32];

    [Theory]
    [MemberData(nameof(Models))]
    public void What_is_written_reads_back(DataModel model)
    {
        RoundTrip(model, new MessageM1(1, -2, 3, 4, 5, 0xFFFF_FFFF));
        RoundTrip(model, new MessageM2(1, -2, 3, -4, 5, 6));
        RoundTrip(model, new MessageM3(1, -2, 3, MessageBytes.FromText("a name", 14)));
        RoundTrip(model, new MessageM4(1, -2, 3, -4, 5));
        RoundTrip(model, new MessageM5(1, -2, 3, -4, 5, -6, 7));
        RoundTrip(model, new MessageM7(1, -2, 3, -4, 5, 6));
        RoundTrip(model, new MessageM8(1, -2, 3, 4, 5, 6));
        RoundTrip(model, new MessageMA(1, -2, 3, -4, 5, -6));
    }

    [Fact]
    public void A_pointer_stands_where_C_lays_it_out()
    {
        var form = new MessageM1 { I1 = 0x11, P1 = 0x22 };

        var lp64 = Message.Create(DataModel.Lp64, 7, form);
        var ilp32 = Message.Create(DataModel.Ilp32, 7, form);

        Assert.Equal((7, 7), (lp64.Type, ilp32.Type));
        Assert.Equal(0x11, lp64.Body.ReadOnlyBytes[0]);

        // Three ints and padding before a pointer of 8 bytes; three ints before one of 4.
        Assert.Equal(0x22, lp64.Body.ReadOnlyBytes[16]);
        Assert.Equal(0x22, ilp32.Body.ReadOnlyBytes[12]);
    }

    private static void RoundTrip<TForm>(DataModel model, TForm form)
        where TForm : struct, IMessageForm<TForm>
    {
        var message = Message.Create(model, type: 9, form);

        Assert.Equal(9, message.Type);
        Assert.Equal(form, message.Read<TForm>(model));
        var written = new Message { Type = 9 };
        form.Write(ref written, model);
        Assert.Equal(written, message);
    }
}
