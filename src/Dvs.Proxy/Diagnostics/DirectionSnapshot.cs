namespace Dvs.Proxy.Diagnostics;

/// <summary>
/// Counters of one direction of a pair since the pair was started. Immutable: a moment's copy, each number read by itself while the proxy thread
/// goes on counting. Behaviour: DirectionCountersTests.
/// </summary>
public sealed record DirectionSnapshot
{
    /// <summary>What the proxy thread is doing.</summary>
    public ProxyState State { get; init; }

    /// <summary>The peer's address while connected, otherwise null.</summary>
    public string? Remote { get; init; }

    /// <summary>TLS of the present connection; null while there is none, and for a plain one.</summary>
    public TlsStatus? Tls { get; init; }

    /// <summary>Why the last connection ended or could not be made; null if nothing went wrong yet.</summary>
    public string? LastError { get; init; }

    /// <summary>The cause of <see cref="LastError"/>.</summary>
    public ConnectionEndCause LastErrorCause { get; init; }

    /// <summary>Frames sent or received.</summary>
    public long Frames { get; init; }

    /// <summary>Commands sent or received, batched ones counted each; control messages not.</summary>
    public long Commands { get; init; }

    /// <summary>Frames that carried a batch.</summary>
    public long Batches { get; init; }

    /// <summary>Bytes of headers and payload before compression.</summary>
    public long RawBytes { get; init; }

    /// <summary>Bytes on the wire.</summary>
    public long WireBytes { get; init; }

    /// <summary>Frames whose payload was compressed.</summary>
    public long CompressedFrames { get; init; }

    /// <summary>Whether a sender compresses at present what gets smaller by it: it is configured to, or has found that data blocks get through
    /// faster so. Never true of a receiver, which takes what comes.</summary>
    public bool IsCompressing { get; init; }

    /// <summary>Control messages (hello, load, remote bind).</summary>
    public long Controls { get; init; }

    /// <summary>Commands the driver answered with an error; each is the outcome of one command.</summary>
    public long CommandErrors { get; init; }

    /// <summary>Connections made or accepted.</summary>
    public long Connects { get; init; }

    /// <summary>Connections that ended.</summary>
    public long Disconnects { get; init; }

    /// <summary><see cref="Disconnects"/> by cause; causes that did not occur are left out.</summary>
    public IReadOnlyList<DisconnectCount> DisconnectsByCause { get; init; } = [];

    /// <summary>Commands taken from the driver that could not be handed to a connection (sender), or received but not delivered (receiver).
    /// A classic peer acknowledges nothing, so what was lost inside a broken connection cannot be known.</summary>
    public long Lost { get; init; }

    /// <summary>Connections turned away (receiver), or attempts to connect that failed (sender).</summary>
    public long Refused { get; init; }

    /// <summary>Malformed frames. In a session each closed its connection; on a classic link only what could not be read on did.</summary>
    public long Malformed { get; init; }

    /// <summary>Faults of the thread that nobody expected; after each it gave its connection up and served again.</summary>
    public long Faults { get; init; }

    /// <summary>Commands that were left out because they cannot be valid: alone in a frame that was skipped, or in a batch whose others were
    /// delivered.</summary>
    public long InvalidCommands { get; init; }

    /// <summary>Remote bind requests of the peer that were refused with EDVSAGAIN because too many came.</summary>
    public long RefusedBinds { get; init; }

    /// <summary>Commands that the driver refused without telling their caller, and that the proxy answered in its place.</summary>
    public long AnsweredErrors { get; init; }

    /// <summary>Processes bound by autobind.</summary>
    public long AutoBinds { get; init; }

    /// <summary>Times that a session went on after its connection was lost.</summary>
    public long Resumes { get; init; }

    /// <summary>Frames sent again in a session.</summary>
    public long Retransmitted { get; init; }

    /// <summary>Frames dropped because they had been delivered before.</summary>
    public long Duplicates { get; init; }

    /// <summary>Frames that came before missing ones; each closed its connection.</summary>
    public long Gaps { get; init; }

    /// <summary>Frames of a session whose payload arrived damaged (digest or compression).</summary>
    public long DamagedFrames { get; init; }

    /// <summary>Frames given up because they never arrived intact; their commands were answered with errors.</summary>
    public long FramesGivenUp { get; init; }

    /// <summary>Commands of the peer that were answered with an error and not handed to the driver, which is not known to survive them
    /// (copies between two processes of this node that a third one asks for).</summary>
    public long CopiesAnswered { get; init; }

    /// <summary>Commands of which nobody can know whether they were delivered, because the peer was restarted or we were stopped.</summary>
    public long UnknownFate { get; init; }

    /// <summary>Commands sent again although they may have been delivered (at-least-once).</summary>
    public long PossiblyRepeated { get; init; }

    /// <summary>The DCs that had traffic.</summary>
    public IReadOnlyList<DcSnapshot> Dcs { get; init; } = [];
}

/// <summary>Traffic of one DC in one direction of a pair.</summary>
/// <param name="dcId">The DC.</param>
/// <param name="commands">Commands.</param>
/// <param name="messages">Of these, messages.</param>
/// <param name="dataBytes">Bytes of data blocks.</param>
public sealed class DcSnapshot(int dcId, long commands, long messages, long dataBytes)
{
    /// <summary>The DC.</summary>
    public int DcId { get; } = dcId;

    /// <summary>Commands since the pair was started.</summary>
    public long Commands { get; } = commands;

    /// <summary>Of these, messages (send, sendrec, reply, notify).</summary>
    public long Messages { get; } = messages;

    /// <summary>Bytes of data blocks, uncompressed.</summary>
    public long DataBytes { get; } = dataBytes;
}

/// <summary>How many connections of one direction ended for one cause.</summary>
/// <param name="Cause">The cause.</param>
/// <param name="Count">The connections.</param>
public sealed record DisconnectCount(ConnectionEndCause Cause, long Count);

/// <summary>What a proxy thread is doing.</summary>
public enum ProxyState
{
    /// <summary>Not started.</summary>
    Created,

    /// <summary>Waits for a connection, or before trying again.</summary>
    Waiting,

    /// <summary>Is connecting.</summary>
    Connecting,

    /// <summary>Has a connection.</summary>
    Connected,

    /// <summary>Has ended.</summary>
    Stopped,

    /// <summary>Has ended by a fault; <see cref="DirectionSnapshot.LastError"/> says which.</summary>
    Faulted,

    /// <summary>Waits, bound to the driver but without network, to be resumed.</summary>
    Parked,
}
