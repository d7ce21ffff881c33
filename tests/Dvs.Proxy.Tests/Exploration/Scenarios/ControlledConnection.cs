using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Dvs.Proxy.Tests.Exploration.Scheduling;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Abilities;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Tests.Exploration.Scenarios;

/// <summary>Both directions of a connection. A cut takes what was not read yet with it, unless a side said that it reads on.</summary>
internal sealed class ControlledLink(int capacity)
{
    private readonly List<byte>[] _inFlight = [[], []];
    private readonly bool[] _isClosed = [false, false];
    private readonly bool[] _isInterrupted = [false, false];

    /// <summary>Cut, or given up by a side.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>All that was read on the connecting side.</summary>
    public List<byte> Answers { get; } = [];

    /// <summary>Sides that gave their resources back.</summary>
    public int Disposals { get; set; }

    /// <summary>The accepted side.</summary>
    public ProxyConnection? Owner { get; set; }

    public void Abort()
    {
        Controlled.Point("connection: abort");
        IsAborted = true;
    }

    /// <summary>A side says that nothing more comes from it.</summary>
    public void CloseWrite(int side)
    {
        Controlled.Point("connection: close the output");
        _isClosed[side] = true;
    }

    /// <summary>Ends the reads of a side that would wait, or no more.</summary>
    public void InterruptReads(int side, bool isOn)
    {
        Controlled.Point("connection: interrupt");
        _isInterrupted[side] = isOn;
    }

    public bool HasInput(int side)
    {
        Controlled.Point("connection: look");
        return _inFlight[side].Count > 0;
    }

    public void WaitForEnd(int side)
    {
        Controlled.Point("connection: wait for the end");
        Controlled.Block(() => IsAborted || _isClosed[1 - side]);
    }

    public int Read(int side, Span<byte> destination, long milliseconds, bool readsOn)
    {
        Controlled.Point("connection: read");
        var bytes = _inFlight[side];
        var isReady = Controlled.Block(() => IsAborted || bytes.Count > 0 || _isClosed[1 - side] || _isInterrupted[side], milliseconds);
        if (!isReady || (_isInterrupted[side] && !IsAborted && bytes.Count == 0 && !_isClosed[1 - side]))
        {
            return IByteStream.TimedOut;
        }

        if (IsAborted && !readsOn)
        {
            return 0;
        }

        var count = Math.Min(bytes.Count, destination.Length);
        for (var index = 0; index < count; index++)
        {
            destination[index] = bytes[index];
        }

        if (side == 0)
        {
            Answers.AddRange(bytes.GetRange(0, count));
        }

        bytes.RemoveRange(0, count);
        return count;
    }

    public bool Write(int side, ReadOnlySpan<byte> source)
    {
        Controlled.Point("connection: write");
        var bytes = _inFlight[1 - side];
        while (!IsAborted && source.Length > 0)
        {
            Controlled.Block(() => IsAborted || bytes.Count < capacity);
            if (!IsAborted)
            {
                var count = Math.Min(source.Length, capacity - bytes.Count);
                bytes.AddRange(source[..count]);
                source = source[count..];
            }
        }

        return !IsAborted;
    }
}

/// <summary>One side of it: the library's own pipes on top.</summary>
internal sealed class ControlledConnection : ProxyConnection, IByteStream, IPolledReads, IInterruptibleReads
{
    private readonly ControlledLink _link;
    private readonly int _side;
    private readonly BlockingPipeReader _input;
    private readonly BlockingPipeWriter _output;
    private long _readTimeout = -1;
    private bool _isDisposed;
    private bool _readsOn;

    public ControlledConnection(ControlledLink link, int side)
    {
        (_link, _side) = (link, side);
        link.Owner = side == 1 ? this : link.Owner;
        _input = new BlockingPipeReader(this, ArrayPool<byte>.Shared, 4096, 16 * 1024);
        _output = new BlockingPipeWriter(this, ArrayPool<byte>.Shared);
    }

    public override PipeReader Input => _input;

    public override PipeWriter Output => _output;

    public override IPAddress? RemoteAddress => IPAddress.Loopback;

    public override string RemoteName => "peer";

    public override void Abort() => _link.Abort();

    public override ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _link.Disposals++;
            _link.Abort();
            _input.Complete();
            _output.Release();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>See <see cref="SessionOptions.SenderReads"/>.</summary>
    public bool SenderReads { get; init; }

    // As over TCP. Otherwise a planned end aborts, as it does where a transport cannot interrupt a read.
    public override T? GetAbility<T>()
        where T : class => SenderReads || typeof(T) == typeof(ITimedReads) ? base.GetAbility<T>() : null;

    public bool HasInput => _input.HasUnexamined || _link.HasInput(_side);

    public void WaitForEnd() => _link.WaitForEnd(_side);

    public void AllowInterrupt()
    {
    }

    public void InterruptReads() => _link.InterruptReads(_side, isOn: true);

    // As over TCP: what is dropped in the end is waited for.
    public override void CloseInOrder()
    {
        _link.InterruptReads(_side, isOn: false);
        base.CloseInOrder();
    }

    public void KeepInputAfterAbort() => _readsOn = true;

    public int Read(Span<byte> destination) => _link.Read(_side, destination, _readTimeout, _readsOn);

    public bool Write(ReadOnlySpan<byte> source) => _link.Write(_side, source);

    public void SetReadTimeout(TimeSpan timeout) => _readTimeout = (long)timeout.TotalMilliseconds;

    public void CloseWrite() => _link.CloseWrite(_side);
}

/// <summary>Connects to a slot of the peer, without a listener.</summary>
internal sealed class ControlledTransport(Action<ProxyConnection> offer) : IProxyTransport
{
    public string Name => "memory";

    /// <summary>Bytes that are on the way at most.</summary>
    public int Capacity { get; init; } = int.MaxValue;

    /// <summary>See <see cref="SessionOptions.SenderReads"/>.</summary>
    public bool SenderReads { get; init; }

    /// <summary>All connections so far.</summary>
    public List<ControlledLink> Links { get; } = [];

    /// <summary>Connections that are let through; later ones are refused.</summary>
    public int MostLinks { get; init; } = int.MaxValue;

    /// <summary>The last connection, while it lives.</summary>
    public ControlledLink? Live => Links.Count > 0 && !Links[^1].IsAborted ? Links[^1] : null;

    public ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken)
    {
        Controlled.Point("transport: connect");
        cancellationToken.ThrowIfCancellationRequested();
        if (Links.Count >= MostLinks)
        {
            return ValueTask.FromException<ProxyConnection>(new ProxyTransportException("connection refused"));
        }

        var link = new ControlledLink(Capacity);
        Links.Add(link);
        offer(new ControlledConnection(link, 1) { SenderReads = SenderReads });
        return new ValueTask<ProxyConnection>(new ControlledConnection(link, 0) { SenderReads = SenderReads });
    }

    public ValueTask<IProxyListener> ListenAsync(TransportEndpoint local, CancellationToken cancellationToken) => throw new NotSupportedException();
}
