using System.Globalization;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session;

/// <summary>What a receiver knows of one session. Its thread only.</summary>
internal sealed class RememberedSession(SessionId id, ulong delivered)
{
    public SessionId Id { get; } = id;

    /// <summary>The last sequence delivered, or that before the first.</summary>
    public ulong Delivered { get; set; } = delivered;

    /// <summary>A frame that arrived damaged; with <see cref="Failures"/> only.</summary>
    public ulong FailedSequence { get; set; }

    /// <summary>Times that it arrived damaged.</summary>
    public int Failures { get; set; }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Id.Process:x}.{Id.Number:x} delivered to {Delivered}, failed {Failures} times at {FailedSequence}");
}

/// <summary>
/// The last sessions of one peer: another process that speaks for the peer's node for a while, or an attempt that came to nothing, must not
/// make the receiver forget what it delivered. The one that was not used for longest goes first. Owned by the receiver's session and its
/// thread. Behaviour: ReceiverSessionTests.
/// </summary>
internal sealed class SessionMemory(int capacity)
{
    // The one in use last is the last.
    private readonly List<RememberedSession> _sessions = new(capacity);

    /// <summary>Takes a session into use again; null where it is not known.</summary>
    public RememberedSession? Use(SessionId id)
    {
        var index = _sessions.FindIndex(session => session.Id == id);
        if (index < 0)
        {
            return null;
        }

        var session = _sessions[index];
        _sessions.RemoveAt(index);
        _sessions.Add(session);
        return session;
    }

    /// <summary>Takes a new session into use.</summary>
    public RememberedSession Add(SessionId id, ulong delivered)
    {
        if (_sessions.Count == capacity)
        {
            _sessions.RemoveAt(0);
        }

        var session = new RememberedSession(id, delivered);
        _sessions.Add(session);
        return session;
    }

    /// <summary>The whole state, for logs and for exploring the state space.</summary>
    public override string ToString() => string.Join("; ", _sessions);
}
