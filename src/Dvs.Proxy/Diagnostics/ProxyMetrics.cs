using System.Diagnostics.Metrics;

namespace Dvs.Proxy.Diagnostics;

/// <summary>
/// The proxy's counters as <c>System.Diagnostics.Metrics</c> instruments of the meter <c>Dvs.Proxy</c>. Observed, so they cost nothing until
/// somebody looks. Every measurement has the tags <c>dvs.node</c>, <c>dvs.peer</c> and <c>dvs.direction</c> (send, receive); disconnects also <c>dvs.cause</c>
/// (<see cref="ConnectionEndCause"/>), and what counts for the whole node only the first.
/// </summary>
internal sealed class ProxyMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Dvs.Proxy";

    private readonly Meter _meter = new(MeterName);
    private readonly int _nodeId;
    private readonly Func<ProxyStatus> _getStatus;

    public ProxyMetrics(int nodeId, Func<ProxyStatus> getStatus)
    {
        _nodeId = nodeId;
        _getStatus = getStatus;
        Count("dvs.proxy.frames", "{frame}", "Frames sent or received.", static direction => direction.Frames);
        Count("dvs.proxy.commands", "{command}", "Commands sent or received; batched ones counted each.", static direction => direction.Commands);
        Count("dvs.proxy.raw.bytes", "By", "Bytes of headers and payload before compression.", static direction => direction.RawBytes);
        Count("dvs.proxy.wire.bytes", "By", "Bytes on the wire.", static direction => direction.WireBytes);
        Count("dvs.proxy.frames.compressed", "{frame}", "Frames whose payload was compressed.", static direction => direction.CompressedFrames);
        Count("dvs.proxy.command.errors", "{command}", "Commands the driver answered with an error.", static direction => direction.CommandErrors);
        Count("dvs.proxy.commands.lost", "{command}",
            "Commands taken over that could not be passed on, because the connection broke (classic) or the proxy stopped.",
            static direction => direction.Lost);
        Count("dvs.proxy.commands.unknown", "{command}", "Commands of unknown fate, because the peer was restarted or the proxy stopped.",
            static direction => direction.UnknownFate);
        Count("dvs.proxy.commands.repeated", "{command}", "Commands sent again although they may have been delivered (at-least-once).",
            static direction => direction.PossiblyRepeated);
        Count("dvs.proxy.frames.retransmitted", "{frame}", "Frames sent again in a session.", static direction => direction.Retransmitted);
        Count("dvs.proxy.frames.duplicate", "{frame}", "Frames dropped because they had been delivered before.", static direction => direction.Duplicates);
        Count("dvs.proxy.frames.gap", "{frame}", "Frames that came before missing ones.", static direction => direction.Gaps);
        Count("dvs.proxy.frames.damaged", "{frame}", "Frames of a session whose payload arrived damaged: digest or compression.",
            static direction => direction.DamagedFrames);
        Count("dvs.proxy.frames.given_up", "{frame}", "Damaged frames given up; their commands were answered with errors.",
            static direction => direction.FramesGivenUp);
        Count("dvs.proxy.commands.refused", "{command}",
            "Commands of the peer answered with an error in place of the driver, which is not known to survive them.",
            static direction => direction.CopiesAnswered);
        Count("dvs.proxy.resumes", "{connection}", "Times that a session went on after its connection was lost.", static direction => direction.Resumes);
        Count("dvs.proxy.connects", "{connection}", "Connections made or accepted.", static direction => direction.Connects);
        _meter.CreateObservableCounter("dvs.proxy.disconnects", ObserveDisconnects, "{connection}", "Connections that ended; the tag dvs.cause says why.");
        Count("dvs.proxy.refused", "{connection}", "Connections turned away, or attempts to connect that failed.", static direction => direction.Refused);
        Count("dvs.proxy.faults", "{fault}", "Faults of a thread that nobody expected.", static direction => direction.Faults);
        Count("dvs.proxy.commands.invalid", "{command}", "Commands left out because they cannot be valid.",
            static direction => direction.InvalidCommands);
        Count("dvs.proxy.binds.refused", "{request}", "Remote bind requests refused because too many came.", static direction => direction.RefusedBinds);
        Count("dvs.proxy.commands.answered", "{command}", "Commands that the driver refused without telling their caller, answered by the proxy.",
            static direction => direction.AnsweredErrors);
        Count("dvs.proxy.malformed", "{frame}", "Malformed frames.", static direction => direction.Malformed);
        _meter.CreateObservableCounter(
            "dvs.proxy.log.failures",
            () => new Measurement<long>(_getStatus().LogFailures, new KeyValuePair<string, object?>("dvs.node", _nodeId)),
            "{message}",
            "Log calls that failed.");
        _meter.CreateObservableGauge("dvs.proxy.connected", ObserveConnected, "{connection}", "1 while the direction is connected.");
        _meter.CreateObservableGauge(
            "dvs.proxy.compressing",
            () => Observe(static direction => direction.IsCompressing ? 1 : 0),
            "{direction}",
            "1 while the sender compresses payloads.");
    }

    public void Dispose() => _meter.Dispose();

    private void Count(string name, string unit, string description, Func<DirectionSnapshot, long> read) =>
        _meter.CreateObservableCounter(name, () => Observe(read), unit, description);

    private IEnumerable<Measurement<long>> Observe(Func<DirectionSnapshot, long> read)
    {
        foreach (var pair in _getStatus().Pairs)
        {
            yield return Measure(pair, "send", read(pair.Sender));
            yield return Measure(pair, "receive", read(pair.Receiver));
        }
    }

    private IEnumerable<Measurement<long>> ObserveDisconnects()
    {
        foreach (var pair in _getStatus().Pairs)
        {
            foreach (var (cause, count) in pair.Sender.DisconnectsByCause)
            {
                yield return Measure(pair, "send", count, new KeyValuePair<string, object?>("dvs.cause", cause.ToString()));
            }

            foreach (var (cause, count) in pair.Receiver.DisconnectsByCause)
            {
                yield return Measure(pair, "receive", count, new KeyValuePair<string, object?>("dvs.cause", cause.ToString()));
            }
        }
    }

    private IEnumerable<Measurement<long>> ObserveConnected() => Observe(static direction => direction.State == ProxyState.Connected ? 1 : 0);

    private Measurement<long> Measure(PairStatus pair, string direction, long value, params ReadOnlySpan<KeyValuePair<string, object?>> more) =>
        new(value, [new("dvs.node", _nodeId), new("dvs.peer", pair.Name), new("dvs.direction", direction), .. more]);
}
