using System.Buffers;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.Faults.Schedules;
using Dvs.Proxy.Tests.Faults.Transports;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Tests.Faults;

/// <summary>
/// Somebody else on the network, who may connect where a node listens for its peer: connects again and again, says nothing, or nonsense, or
/// speaks for the peer, or plays what the peer said on a connection before. One thread, until disposed of.
/// </summary>
internal sealed class Intruder : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly IProxyTransport _transport;
    private readonly TransportEndpoint _target;
    private readonly RecordingTransport _recordings;
    private readonly WireLayout _layout;
    private readonly FaultLog _log;
    private readonly ScheduleOptions _options;
    private readonly Random _random;
    private readonly int _peer;
    private readonly int _node;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;

    /// <param name="transport">The network.</param>
    /// <param name="target">Where the node listens for its peer.</param>
    /// <param name="peer">The peer that is spoken for.</param>
    /// <param name="node">The node.</param>
    /// <param name="recordings">What the peer said.</param>
    /// <param name="options">The schedule.</param>
    /// <param name="log">Counts.</param>
    public Intruder(
        IProxyTransport transport, TransportEndpoint target, int peer, int node, RecordingTransport recordings, ScheduleOptions options, FaultLog log)
    {
        (_transport, _target, _peer, _node, _recordings, _options, _log) = (transport, target, peer, node, recordings, options, log);
        _layout = WireLayout.For(options.DataModel);
        _random = new Random(options.Seed + peer);
        _thread = new Thread(Run, 256 * 1024) { IsBackground = true, Name = "intruder" };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.Token.WaitHandle.WaitOne(Pause))
        {
            try
            {
                Intrude();
            }
            catch (Exception exception) when (exception is ProxyTransportException or IOException or OperationCanceledException or InvalidOperationException)
            {
                // Shown the door.
            }
        }
    }

    private void Intrude()
    {
        var (kind, bytes) = Make();
        var connection = _transport.ConnectAsync(_target, _stop.Token).AsTask().GetAwaiter().GetResult();
        try
        {
            _log.Add(kind);
            connection.Output.Write(bytes);
            ProxyPipes.FlushBlocking(connection.Output);
            if (kind == FaultKind.ForeignSession)
            {
                Speak(connection);
            }

            _stop.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(_random.Next(20)));
        }
        finally
        {
            connection.Abort();
            connection.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private (FaultKind Kind, byte[] Bytes) Make()
    {
        var recordings = _recordings.Recordings;
        switch (_random.Next(recordings.Count == 0 ? 5 : 7))
        {
            case 0:
                return (FaultKind.Stranger, []);
            case 1:
                var noise = new byte[_random.Next(1, 400)];
                _random.NextBytes(noise);
                return (FaultKind.Stranger, noise);
            case 2:
                return (FaultKind.Stranger, Write(ControlMessage.Create(ControlType.LoadLevel, _peer, _node, new Timestamp(1, 1))));
            case 3:
                return (FaultKind.Stranger, Write(Open()));
            case 4:
                return (FaultKind.ForeignSession, []);
            default:
                return (FaultKind.Replay, recordings[_random.Next(recordings.Count)]);
        }
    }

    private CommandHeader Open() => SessionMessage.Create(
        new SessionOpen(
            SessionMessage.Version,
            SessionFeatures.Sequence | SessionFeatures.Digest,
            new SessionId(SessionId.CreatePart(), SessionId.CreatePart()),
            65_536,
            1 << 20,
            1,
            _random.Next(2) == 0),
        _peer,
        _node,
        new Timestamp(1, 1));

    // A whole session of another process that speaks for the peer; it only has nothing to say.
    private void Speak(ProxyConnection connection)
    {
        using var session = new SenderSession(new SenderSessionOptions
        {
            Model = _options.DataModel,
            LocalNode = _peer,
            PeerNode = _node,
            MaxPayload = 65_536,
            Window = new RetransmitWindowOptions(1 << 20, 1024, 200_000),
            Digest = _options.FrameDigest,
        });
        using var limit = new Timer(static state => ((ProxyConnection)state!).Abort(), connection, 2000, Timeout.Infinite);
        Send(connection, session.CreateOpen(new Timestamp(1, 1)));
        while (TryRead(connection, out var answer) && !SessionMessage.Is(in answer, SessionMessageType.Refuse))
        {
            if (SessionMessage.Is(in answer, SessionMessageType.Challenge) && session.OnChallenge(in answer, new Timestamp(1, 1), out var proof) is null)
            {
                Send(connection, proof);
            }
            else
            {
                return;
            }
        }
    }

    private bool TryRead(ProxyConnection connection, out CommandHeader header)
    {
        header = default;
        while (true)
        {
            var result = ProxyPipes.ReadBlocking(connection.Input);
            var buffer = result.Buffer;
            if (buffer.Length >= _layout.HeaderSize)
            {
                _layout.Read(buffer.Slice(0, _layout.HeaderSize).ToArray(), out header);
                connection.Input.AdvanceTo(buffer.GetPosition(_layout.HeaderSize));
                return true;
            }

            connection.Input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || result.IsCanceled)
            {
                return false;
            }
        }
    }

    private void Send(ProxyConnection connection, CommandHeader header)
    {
        connection.Output.Write(Write(header));
        ProxyPipes.FlushBlocking(connection.Output);
    }

    private byte[] Write(CommandHeader header)
    {
        var bytes = new byte[_layout.HeaderSize];
        _layout.Write(bytes, in header);
        return bytes;
    }
}
