using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Tests.Protocol.Session;

public class SessionCloseTests
{
    [Theory]
    [InlineData(DataModel.Lp64)]
    [InlineData(DataModel.Ilp32)]
    public void A_close_comes_back_as_it_was_in_either_data_model(DataModel model)
    {
        var layout = WireLayout.For(model);
        var bytes = new byte[layout.HeaderSize];
        var header = SessionMessage.Create(new SessionClose(SessionCloseCause.Parking, 0x8000_0001), 3, 4, new Timestamp(1_700_000_000, 1));
        layout.Write(bytes, in header);
        layout.Read(bytes, out var read);
        Assert.True(SessionMessage.TryRead(in read, out SessionClose close));
        Assert.Equal(new SessionClose(SessionCloseCause.Parking, 0x8000_0001), close);
        Assert.Equal((int)SessionMessageType.Close, read.Message.Type);
        Assert.False(SessionMessage.TryRead(ControlMessage.Create(ControlType.LoadLevel, 3, 4, default), out SessionClose _));
    }
}
