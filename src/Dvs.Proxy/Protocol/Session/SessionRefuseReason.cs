using System.Globalization;

namespace Dvs.Proxy.Protocol.Session;

/// <summary>Why a receiver does not open a session. The numbers go on the wire.</summary>
internal enum SessionRefuseReason
{
    None = 0,

    /// <summary>The OPEN is for another node, or from another than the connection belongs to; detail: the node id it named.</summary>
    WrongNode = 1,

    /// <summary>Detail: the version the receiver speaks.</summary>
    WrongVersion = 2,

    /// <summary>No pair is configured for the node; detail: its id.</summary>
    UnknownPeer = 3,

    /// <summary>The peer's data model differs; detail: the receiver's, 0 LP64, 1 ILP32.</summary>
    AbiMismatch = 4,

    /// <summary>Detail: the features the receiver insists on.</summary>
    FeatureMismatch = 5,

    /// <summary>The sender's largest payload is beyond the receiver's; detail: the receiver's.</summary>
    PayloadTooLarge = 6,

    /// <summary>The first frame was no OPEN: the sender seems to be classic.</summary>
    OpenExpected = 7,

    /// <summary>The receiver has sessions switched off.</summary>
    SessionsDisabled = 8,

    /// <summary>The OPEN comes where none can be, or names no session.</summary>
    ProtocolViolation = 9,

    /// <summary>Another living process speaks for the sender's node.</summary>
    AnotherProcess = 10,

    /// <summary>The sender does not prove the secret, or only one side has one. Detail: 1 if the receiver has one.</summary>
    SecretMismatch = 11,

    /// <summary>Too many handshakes came from the sender's address.</summary>
    TooManyOpens = 12,
}

/// <summary>Plain words for <see cref="SessionRefuseReason"/>.</summary>
internal static class SessionRefuseReasons
{
    /// <summary>
    /// What is wrong and what to do about it, seen from the side that was refused; one or two sentences without the last full stop.
    /// </summary>
    public static string Describe(this SessionRefuseReason reason, ulong detail) => reason switch
    {
        SessionRefuseReason.WrongNode =>
            Text($"it found node id {(long)detail} where its own or ours belongs. Check host, sport and proxyid of this proxy on both nodes"),
        SessionRefuseReason.WrongVersion =>
            Text($"it speaks version {detail} of the session protocol, we speak {SessionMessage.Version}. Update the older side"),
        SessionRefuseReason.UnknownPeer => Text($"it has no proxy configured for node {detail}. Add one there, or check nodeid here"),
        SessionRefuseReason.AbiMismatch =>
            Text($"its data model is {(detail == 1 ? "ilp32" : "lp64")}, ours is not. Set the same abi on all nodes of the cluster"),
        SessionRefuseReason.FeatureMismatch =>
            Text($"it insists on {(SessionFeatures)detail}, which we do not offer. Set the same sequence and digest for this proxy on both nodes"),
        SessionRefuseReason.PayloadTooLarge =>
            Text($"it takes payloads up to {detail} bytes, ours are larger. Give both drivers the same max_copybuf"),
        SessionRefuseReason.OpenExpected =>
            "the first frame did not open a session, so the sender seems to be a classic proxy. Set sequence NO for this proxy, or update the sender",
        SessionRefuseReason.SessionsDisabled => "it has sessions switched off. Set the same sequence for this proxy on both nodes",
        SessionRefuseReason.ProtocolViolation =>
            "our OPEN came where none can be, or named no session. One of the two has a fault",
        SessionRefuseReason.AnotherProcess =>
            "another process speaks for this node there, and its connection is alive. Two proxies run with this node id: end one, or give it another nodeid",
        SessionRefuseReason.SecretMismatch => detail == 0
            ? "it shares no secret with this node, or another one. Set the same secret for this proxy on both nodes, or on neither"
            : "our proof of the secret does not fit, or we gave none. Set the same secret for this proxy on both nodes",
        SessionRefuseReason.TooManyOpens => "too many handshakes come from our address at once. Something else on this node tries, too, or we try too often",
        _ => Text($"for a reason this version does not know ({(int)reason}, detail {detail})"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
