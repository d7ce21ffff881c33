using System.Runtime.CompilerServices;

namespace Dvs.Proxy.Diagnostics;

/// <summary>
/// What one direction of a pair does and has done. Written by its proxy thread only (plain adds, no interlocked cost), but for the
/// counters changed through methods; read by anybody through <see cref="Snapshot"/>.
/// </summary>
internal sealed class DirectionCounters
{
    public long Frames;
    public long Commands;
    public long Batches;
    public long RawBytes;
    public long WireBytes;
    public long CompressedFrames;
    public bool IsCompressing;
    public long Controls;
    public long CommandErrors;
    public long Connects;
    public long Disconnects;
    public long Lost;
    private readonly long[] _disconnectsByCause = new long[Enum.GetValues<ConnectionEndCause>().Length];
    private long _refused;
    private volatile int _state;
    private volatile string? _remote;
    private volatile TlsStatus? _tls;
    private volatile ConnectionEnd? _lastEnd;
    public long Malformed;
    public long Faults;
    public long RefusedBinds;
    public long InvalidCommands;
    public long AnsweredErrors;
    public long AutoBinds;
    public long Resumes;
    public long Retransmitted;
    public long Duplicates;
    public long Gaps;
    public long DamagedFrames;
    public long FramesGivenUp;
    public long CopiesAnswered;
    public long UnknownFate;
    public long PossiblyRepeated;
    public readonly DcCounters[] Dcs;

    public DirectionCounters(int maxDcs)
    {
        Dcs = new DcCounters[maxDcs];
    }

    public ProxyState State
    {
        get => (ProxyState)_state;
        set => _state = (int)value;
    }

    /// <summary>The peer's address while connected.</summary>
    public string? Remote
    {
        get => _remote;
        set => _remote = value;
    }

    /// <summary>TLS of the connection while connected.</summary>
    public TlsStatus? Tls
    {
        get => _tls;
        set => _tls = value;
    }

    /// <summary>Why the last connection ended, or could not be made.</summary>
    public ConnectionEnd? LastEnd
    {
        get => _lastEnd;
        set => _lastEnd = value;
    }

    /// <summary>Counts a connection that ended, and why.</summary>
    public void CountDisconnect(ConnectionEnd end)
    {
        LastEnd = end;
        Volatile.Write(ref Disconnects, Disconnects + 1);
        ref var ofCause = ref _disconnectsByCause[(int)end.Cause];
        Volatile.Write(ref ofCause, ofCause + 1);
    }

    /// <summary>Counts a refused connection or a failed attempt; any thread.</summary>
    public void CountRefused() => Interlocked.Increment(ref _refused);

    /// <summary>Per-DC statistics, as the classic proxies kept them. Slots are written by the owning thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CountCommand(int dcId, bool isMessage, int payloadLength)
    {
        Commands++;
        if ((uint)dcId >= (uint)Dcs.Length)
        {
            return;
        }

        ref var dc = ref Dcs[dcId];
        dc.Commands++;
        dc.DataBytes += payloadLength;
        if (isMessage)
        {
            dc.Messages++;
        }
    }

    public DirectionSnapshot Snapshot() => new()
    {
        State = State,
        Remote = Remote,
        Tls = Tls,
        LastError = LastEnd?.Text,
        LastErrorCause = LastEnd?.Cause ?? ConnectionEndCause.None,
        DisconnectsByCause = SnapshotCauses(),
        Frames = Volatile.Read(ref Frames),
        Commands = Volatile.Read(ref Commands),
        Batches = Volatile.Read(ref Batches),
        RawBytes = Volatile.Read(ref RawBytes),
        WireBytes = Volatile.Read(ref WireBytes),
        CompressedFrames = Volatile.Read(ref CompressedFrames),
        IsCompressing = Volatile.Read(ref IsCompressing),
        Controls = Volatile.Read(ref Controls),
        CommandErrors = Volatile.Read(ref CommandErrors),
        Connects = Volatile.Read(ref Connects),
        Disconnects = Volatile.Read(ref Disconnects),
        Lost = Volatile.Read(ref Lost),
        Refused = Volatile.Read(ref _refused),
        Malformed = Volatile.Read(ref Malformed),
        Faults = Volatile.Read(ref Faults),
        InvalidCommands = Volatile.Read(ref InvalidCommands),
        RefusedBinds = Volatile.Read(ref RefusedBinds),
        AnsweredErrors = Volatile.Read(ref AnsweredErrors),
        AutoBinds = Volatile.Read(ref AutoBinds),
        Resumes = Volatile.Read(ref Resumes),
        Retransmitted = Volatile.Read(ref Retransmitted),
        Duplicates = Volatile.Read(ref Duplicates),
        Gaps = Volatile.Read(ref Gaps),
        DamagedFrames = Volatile.Read(ref DamagedFrames),
        FramesGivenUp = Volatile.Read(ref FramesGivenUp),
        CopiesAnswered = Volatile.Read(ref CopiesAnswered),
        UnknownFate = Volatile.Read(ref UnknownFate),
        PossiblyRepeated = Volatile.Read(ref PossiblyRepeated),
        Dcs = SnapshotDcs(),
    };

    private List<DisconnectCount> SnapshotCauses()
    {
        var causes = new List<DisconnectCount>();
        for (var cause = 0; cause < _disconnectsByCause.Length; cause++)
        {
            var count = Volatile.Read(ref _disconnectsByCause[cause]);
            if (count != 0)
            {
                causes.Add(new DisconnectCount((ConnectionEndCause)cause, count));
            }
        }

        return causes;
    }

    private List<DcSnapshot> SnapshotDcs()
    {
        var used = new List<DcSnapshot>();
        for (var dcId = 0; dcId < Dcs.Length; dcId++)
        {
            var commands = Volatile.Read(ref Dcs[dcId].Commands);
            if (commands != 0)
            {
                used.Add(new DcSnapshot(dcId, commands, Volatile.Read(ref Dcs[dcId].Messages), Volatile.Read(ref Dcs[dcId].DataBytes)));
            }
        }

        return used;
    }

    internal struct DcCounters
    {
        public long Commands;
        public long Messages;
        public long DataBytes;
    }
}
