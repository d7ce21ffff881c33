namespace Dvs.Proxy.Tests.Faults;

/// <summary>What can happen to the bytes of one direction of a connection.</summary>
internal enum FaultKind
{
    /// <summary>Attempts to connect fail.</summary>
    Refuse,

    /// <summary>Nothing passes for <see cref="Fault.Amount"/> milliseconds.</summary>
    Stall,

    /// <summary>The next <see cref="Fault.Amount"/> bytes pass in writes of one to seven bytes.</summary>
    Split,

    /// <summary>Bit <see cref="Fault.Amount"/> (0..7) of the byte flips.</summary>
    Flip,

    /// <summary>A bit of the first payload byte from there on flips; headers stay whole. Needs to know the layout.</summary>
    FlipPayload,

    /// <summary>Everything from there on is taken and thrown away, and after <see cref="Fault.Amount"/> milliseconds the connection is cut:
    /// how acknowledgements get lost.</summary>
    Swallow,

    /// <summary>This direction ends in good order, the other goes on; what is still written is thrown away.</summary>
    HalfClose,

    /// <summary>Both directions end, after what had passed.</summary>
    Cut,

    /// <summary>Both directions end at once, and what was under way is lost.</summary>
    Reset,

    /// <summary>Everything from there on is taken and thrown away for as long as the connection lives: nobody is told.</summary>
    Deafen,

    /// <summary>A side is restarted: its proxy is gone with all it knew, and another takes its place.</summary>
    Restart,

    /// <summary>A side is stopped in order, and another takes its place.</summary>
    Stop,

    /// <summary>Connecting or accepting fails for want of memory, descriptors or threads, with whatever exception that brings.</summary>
    Famine,

    /// <summary>The log throws.</summary>
    LogFailure,

    /// <summary>Somebody else connects, and says something or nothing.</summary>
    Stranger,

    /// <summary>Somebody else opens a session for the peer.</summary>
    ForeignSession,

    /// <summary>A connection that was recorded before is played again.</summary>
    Replay,
}

/// <summary>One fault.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Position">Bytes of this direction that pass before.</param>
/// <param name="Amount">Depends on the kind.</param>
internal readonly record struct Fault(FaultKind Kind, long Position, int Amount = 0)
{
    /// <summary>True for those that end the connection or this direction of it.</summary>
    public bool IsEnd => Kind is FaultKind.HalfClose or FaultKind.Cut or FaultKind.Reset;

    public override string ToString() => $"{Kind}@{Position}{(Amount == 0 ? "" : $"({Amount})")}";
}
