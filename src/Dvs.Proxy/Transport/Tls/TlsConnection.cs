using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using Dvs.Proxy.Diagnostics;

namespace Dvs.Proxy.Transport.Tls;

/// <summary>A connection of any transport with TLS around it. Owns the connection below.</summary>
internal sealed class TlsConnection : ProxyConnection
{
    private const int ReadBufferSize = 128 * 1024;
    private const int MaximumReadBufferSize = 1024 * 1024;

    private readonly ProxyConnection _inner;
    private readonly SslStream _tls;
    private readonly ConnectionStream _stream;
    private readonly TlsByteStream _bytes;
    private readonly BlockingPipeReader _input;
    private readonly BlockingPipeWriter _output;
    private int _disposed;

    internal TlsConnection(ProxyConnection inner, SslStream tls, ConnectionStream stream, Func<string>? ownProblem, TimeProvider time)
    {
        _inner = inner;
        _tls = tls;
        _stream = stream;
        _bytes = new TlsByteStream(tls, stream, inner, ownProblem, time);
        _input = new BlockingPipeReader(_bytes, TransportBuffers.Pool, ReadBufferSize, MaximumReadBufferSize);
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

    internal override bool CanWriteAtOnce => _inner.CanWriteAtOnce;

    internal override bool HasPeerEnded => _inner.HasPeerEnded;

    internal override void AllowInterrupt() => _inner.AllowInterrupt();

    internal override bool TryInterruptRead()
    {
        _stream.EndInput();
        return _inner.TryInterruptRead();
    }

    // What still comes in is of no interest, so nobody deciphers it.
    internal override void CloseInOrder()
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
