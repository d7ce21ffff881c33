using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Transport.Abilities;
using Dvs.Proxy.Transport.Pipes;
using Dvs.Proxy.Transport.Sockets;

namespace Dvs.Proxy.Transport.Tls;

/// <summary>A connection of any transport with TLS around it. Owns the connection below.</summary>
/// <remarks>What it can do is what the connection below can, but for reads: deciphered bytes wait here where nobody below sees them, and a read
/// cannot stop in the middle of a record.</remarks>
internal sealed class TlsConnection : ProxyConnection, IInterruptibleReads
{
    private static readonly SocketBufferSizes Buffers = new();

    private readonly ProxyConnection _inner;
    private readonly IInterruptibleReads? _interruptible;
    private readonly SslStream _tls;
    private readonly ConnectionStream _stream;
    private readonly TlsByteStream _bytes;
    private readonly BlockingPipeReader _input;
    private readonly BlockingPipeWriter _output;
    private int _disposed;

    internal TlsConnection(ProxyConnection inner, SslStream tls, ConnectionStream stream, Func<string>? ownProblem, TimeProvider time)
    {
        _inner = inner;
        _interruptible = inner.GetAbility<IInterruptibleReads>();
        _tls = tls;
        _stream = stream;
        _bytes = new TlsByteStream(tls, stream, inner, ownProblem, time);
        _input = new BlockingPipeReader(_bytes, TransportBuffers.Pool, Buffers.ReadBufferSize, Buffers.MaximumReadBufferSize);
        _output = new BlockingPipeWriter(_bytes, TransportBuffers.Pool);
    }

    public override PipeReader Input => _input;

    public override PipeWriter Output => _output;

    public override IPAddress? RemoteAddress => _inner.RemoteAddress;

    public override string RemoteName => _inner.RemoteName;

    /// <summary>What came of the handshake.</summary>
    internal required TlsStatus Status { get; init; }

    /// <summary>For tests.</summary>
    internal SslStream Tls => _tls;

    public override T? GetAbility<T>()
        where T : class
    {
        if (typeof(T) == typeof(IInterruptibleReads))
        {
            return _interruptible is null ? null : base.GetAbility<T>();
        }

        return typeof(T) == typeof(IConnectionProbe) ? _inner.GetAbility<T>() : null;
    }

    public void AllowInterrupt() => _interruptible?.AllowInterrupt();

    public void InterruptReads()
    {
        _stream.EndInput();
        _interruptible?.InterruptReads();
    }

    // What still comes in is of no interest, so nobody deciphers it.
    public override void CloseInOrder()
    {
        _output.Complete();
        _inner.CloseInOrder();
    }

    public override void Abort() => _bytes.Abort();

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        Abort();
        _input.Complete();
        _output.Release();
        await _tls.DisposeAsync().ConfigureAwait(false);
        await _inner.DisposeAsync().ConfigureAwait(false);
    }
}
