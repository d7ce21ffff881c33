using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Tests.Pairing.Session;

public class SessionEndsTests
{
    [Fact]
    public void Every_cause_has_words_of_its_own_that_say_that_it_was_the_peer()
    {
        var texts = Enum.GetValues<SessionCloseCause>().Select(static cause => new SessionClose(cause, 0).ToEnd().Text).ToArray();
        Assert.All(texts, static text => Assert.StartsWith("the peer closed the connection: ", text));
        Assert.Equal(texts.Length, texts.Distinct().Count());
        Assert.DoesNotContain(texts, static text => text.Contains("does not know (", StringComparison.Ordinal));
        Assert.Equal(
            new ConnectionEnd(ConnectionEndCause.PeerClosed, "the peer closed the connection: for a reason that this version does not know (999)"),
            new SessionClose((SessionCloseCause)999, 0).ToEnd());
    }

    // What the peer has done, or was told by a REFUSE, is not told to it again.
    [Theory]
    [InlineData(ConnectionEndCause.PeerClosed)]
    [InlineData(ConnectionEndCause.PeerReset)]
    [InlineData(ConnectionEndCause.PeerVanished)]
    [InlineData(ConnectionEndCause.PeerStopped)]
    [InlineData(ConnectionEndCause.PeerParked)]
    [InlineData(ConnectionEndCause.Broken)]
    [InlineData(ConnectionEndCause.SessionRefused)]
    [InlineData(ConnectionEndCause.SettingsDiffer)]
    public void The_peer_is_not_told_what_it_knows(ConnectionEndCause cause) =>
        Assert.Null(SessionEnds.CauseOf(new ConnectionEnd(cause, "")));

    [Theory]
    [InlineData(ConnectionEndCause.Stopped, ConnectionEndCause.PeerStopped)]
    [InlineData(ConnectionEndCause.Parked, ConnectionEndCause.PeerParked)]
    [InlineData(ConnectionEndCause.Idle, ConnectionEndCause.Idle)]
    [InlineData(ConnectionEndCause.Replaced, ConnectionEndCause.Replaced)]
    [InlineData(ConnectionEndCause.MalformedFrame, ConnectionEndCause.MalformedFrame)]
    [InlineData(ConnectionEndCause.DamagedFrame, ConnectionEndCause.DamagedFrame)]
    [InlineData(ConnectionEndCause.MissingFrames, ConnectionEndCause.MissingFrames)]
    [InlineData(ConnectionEndCause.ProtocolViolation, ConnectionEndCause.ProtocolViolation)]
    [InlineData(ConnectionEndCause.DriverRefused, ConnectionEndCause.DriverRefused)]
    [InlineData(ConnectionEndCause.Unbound, ConnectionEndCause.Unbound)]
    [InlineData(ConnectionEndCause.PeerSilent, ConnectionEndCause.PeerSilent)]
    [InlineData(ConnectionEndCause.Fault, ConnectionEndCause.PeerClosed)]
    public void Both_sides_count_the_same_end(ConnectionEndCause ours, ConnectionEndCause theirs)
    {
        var cause = SessionEnds.CauseOf(new ConnectionEnd(ours, ""));
        Assert.NotNull(cause);
        Assert.Equal(theirs, new SessionClose(cause.Value, 0).ToEnd().Cause);
    }
}
