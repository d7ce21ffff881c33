namespace Dvs.Proxy.Tests.Pairing.Session.Simulation;

/// <summary>
/// One schedule: a sender and a receiver of real frames, a link that loses, cuts at any byte, brings twice, damages and comes late, strangers that
/// open sessions of their own or play what they have recorded, and processes that die; all from one seed. At the end the faults stop, and every command must be accounted for.
/// </summary>
internal sealed class SessionSimulation : IDisposable
{
    private readonly Random _random;
    private readonly CountingPool _pool = new();
    private readonly List<SimulatedConnection> _backlog = [];
    private readonly Queue<SimulatedConnection> _recorded = new();
    private readonly HashSet<int> _diedWithSender = [];
    private readonly HashSet<int> _unknownFate = [];
    private readonly HashSet<int> _repeated = [];
    private readonly HashSet<int> _refused = [];
    private readonly SimulatedReceiver _receiver;
    private SimulatedSender _sender;
    private bool _calm;

    public SessionSimulation(int seed, bool restarts)
    {
        _random = new Random(seed);
        Options = SimulationOptions.Draw(_random, restarts);
        _receiver = new SimulatedReceiver(Options, _random);
        _sender = new SimulatedSender(Options, _random, 0, _pool);
    }

    public SimulationOptions Options { get; }

    /// <summary>What happened, for the totals of a run.</summary>
    public (int Commands, long Cuts, long Retransmitted, long Duplicates, int UnknownFate, int Refused, long Resumes, int Strangers, int FoundOut) Totals { get; private set; }

    private long _cuts;

    public void Run(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            Step();
        }

        Calm();
        Check();
        _sender.Session.Window.ReleaseRoom();
        SimulatedReceiver.Verify(_pool.Outstanding == 0 && _sender.Session.Window.MemoryHeld == 0, "an empty window holds memory");
        Totals = (
            _sender.NextId, _cuts, _sender.Session.Window.Retransmitted.Frames, _receiver.Duplicates, _unknownFate.Count, _refused.Count, _sender.Resumes,
            _receiver.Strangers, _receiver.FoundOut);
    }

    public void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
    }

    private void Step()
    {
        Progress();
        if (_random.Next(Options.CutEvery) == 0 && _sender.Connection is not null)
        {
            Cut();
        }

        if (_random.Next(Options.CutEvery * 4) == 0 && _receiver.Connection is not null)
        {
            _receiver.Leave();
        }

        if (_random.Next(Options.StrangerEvery) == 0)
        {
            Disturb();
        }

        if (Options.ReceiverRestarts && _random.Next(Options.RestartEvery) == 0)
        {
            _receiver.Restart();
            _backlog.ForEach(connection => connection.ReceiverGone = true);
            _backlog.Clear();
        }

        if (Options.SenderRestarts && _random.Next(Options.RestartEvery) == 0)
        {
            RestartSender();
        }
    }

    // One thing that happens without a fault; each is possible or does nothing.
    private void Progress()
    {
        switch (_random.Next(10))
        {
            case 0 or 1 when !_calm:
                for (var count = _random.Next(1, 12); count > 0; count--)
                {
                    _sender.Fetch();
                }

                break;
            case 2 when _sender.Connection is { } connection && _sender.Session.IsOpen && (_random.Next(10) == 0 || _calm):
                _sender.Hello();
                break;
            case 3 or 4:
                _sender.Flush(Damage);
                break;
            case 5 when _sender.Connection is null:
                Connect();
                break;
            case 6 when _sender.Connection is { ReceiverGone: true }:
                _sender.Leave();
                break;
            case 7:
                TakeConnection();
                break;
            case 8 when _receiver.Connection is { } flow:
                Receive(flow);
                break;
            case 9 when _sender.Connection is { ToSender.Count: > 0 } flow:
                _sender.Read(Some(flow.ToSender.Count));
                break;
        }
    }

    private void Connect()
    {
        var connection = _sender.Connect();
        _backlog.Add(connection);
        _recorded.Enqueue(connection);
        if (_recorded.Count > 5)
        {
            _recorded.Dequeue();
        }
    }

    private void Disturb()
    {
        if (_random.Next(2) == 0)
        {
            _receiver.ServeStranger();
        }
        else if (_receiver.Connection is null && _recorded.TryPeek(out var connection))
        {
            _receiver.Take(connection.Play());
        }
    }

    private void Receive(SimulatedConnection connection)
    {
        if (connection.ToReceiver.Count > 0)
        {
            _receiver.Read(Some(connection.ToReceiver.Count));
            CollectRefused();
        }
        else if (connection.SenderGone)
        {
            _receiver.Leave();
        }
    }

    // Not always the newest: one that the sender has left may be taken after the one it uses.
    private void TakeConnection()
    {
        if (_backlog.Count > 0)
        {
            var index = _random.Next(_backlog.Count);
            _receiver.Take(_backlog[index]);
            _backlog.RemoveAt(index);
        }
    }

    private void Cut()
    {
        _cuts++;
        var connection = _sender.Connection!;
        connection.ToReceiver.LoseAfter(_random.Next(connection.ToReceiver.Count + 1));
        _sender.Leave();
    }

    private void RestartSender()
    {
        if (_sender.Connection is not null)
        {
            Cut();
        }

        Collect();
        _diedWithSender.UnionWith(_sender.Unacknowledged);
        var next = _sender.NextId;
        _sender.Dispose();
        _sender = new SimulatedSender(Options, _random, next, _pool);
    }

    private void Collect()
    {
        _unknownFate.UnionWith(_sender.UnknownFate);
        _repeated.UnionWith(_sender.Repeated);
    }

    // Sequences start anew with a sender; so what they meant is asked at once.
    private void CollectRefused()
    {
        _receiver.Refused.ForEach(sequence => _refused.UnionWith(_sender.CommandsOf(sequence)));
        _receiver.Refused.Clear();
    }

    private byte[] Damage(ReadOnlyMemory<byte> piece)
    {
        var bytes = piece.ToArray();
        if (Options.DamageEvery == 0 || _calm || _random.Next(Options.DamageEvery) != 0)
        {
            return bytes;
        }

        // Only payloads: damage to a header is for the checks of the frame reader.
        var frames = new List<(int Start, int Length)>();
        for (var offset = 0; offset < bytes.Length;)
        {
            _sender.Layout.Read(bytes.AsSpan(offset), out var header);
            offset += _sender.Layout.HeaderSize;
            if (header.PayloadLength > 0)
            {
                frames.Add((offset, header.PayloadLength));
            }

            offset += header.PayloadLength;
        }

        if (frames.Count > 0)
        {
            var (start, length) = frames[_random.Next(frames.Count)];
            bytes[start + _random.Next(length)] ^= (byte)(1 << _random.Next(8));
        }

        return bytes;
    }

    private void Calm()
    {
        _calm = true;
        _receiver.DropAcknowledgements = false;
        for (var step = 0; step < 50_000; step++)
        {
            Progress();
            if (_sender.IsIdle && step > 100)
            {
                return;
            }
        }

        SimulatedReceiver.Verify(false, $"does not come to rest: {_sender.Session} / {_receiver.Session}");
    }

    private void Check()
    {
        Collect();
        var seen = new HashSet<int>();
        var last = -1;
        foreach (var id in _receiver.Delivered)
        {
            if (seen.Add(id))
            {
                // What one life of the receiver refused, the next may get intact: at-least-once sends it again.
                SimulatedReceiver.Verify(id > last || (_repeated.Contains(id) && _refused.Contains(id)), $"command {id} came after {last}");
                last = Math.Max(last, id);
            }
            else
            {
                SimulatedReceiver.Verify(_repeated.Contains(id), $"command {id} was delivered twice");
            }
        }

        for (var id = 0; id < _sender.NextId; id++)
        {
            var accounted = seen.Contains(id) || _refused.Contains(id) || _unknownFate.Contains(id) || _diedWithSender.Contains(id);
            SimulatedReceiver.Verify(accounted, $"command {id} of {_sender.NextId} was lost and nobody counted it");
        }

        SimulatedReceiver.Verify(last < _sender.NextId, "a command came that nobody sent");
        SimulatedReceiver.Verify(Options.AtLeastOnce ? _unknownFate.Count == 0 : _repeated.Count == 0, "the option for frames of unknown fate is not kept");
        SimulatedReceiver.Verify(!seen.Overlaps(_refused) || Options.Restarts, "a refused command was delivered");
        SimulatedReceiver.Verify(Options.ReceiverRestarts || _sender.Losses == 0, "a restart of the receiver was seen that did not happen");
    }

    private int Some(int most) => _calm || _random.Next(2) == 0 ? most : _random.Next(1, most + 1);
}
