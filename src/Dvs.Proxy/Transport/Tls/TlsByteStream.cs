using System.Net.Security;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Transport.Tls;

/// <summary>
/// TLS over another connection as <see cref="IByteStream"/>, by the blocking calls of <see cref="SslStream"/>: one thread reads while
/// another writes, and neither leaves its thread. Renegotiation is off, so a read never writes.
/// </summary>
internal sealed class TlsByteStream : IByteStream
{
    private readonly SslStream _tls;
    private readonly ConnectionStream _stream;
    private readonly ProxyConnection _inner;
    private readonly Func<string>? _ownProblem;
    private readonly TimeProvider _time;
    private readonly long _openedAt;
    private bool _hasReceived;
    private int _aborted;

    /// <param name="tls">After its handshake.</param>
    /// <param name="stream">What it stands on.</param>
    /// <param name="inner">What that stands on.</param>
    /// <param name="ownProblem">What may be wrong with our certificate, for the message when the peer closes at once; null on the side that
    /// accepted, which the peer has judged before the handshake was done.</param>
    /// <param name="time">Measures how soon the peer closed.</param>
    internal TlsByteStream(SslStream tls, ConnectionStream stream, ProxyConnection inner, Func<string>? ownProblem, TimeProvider time)
    {
        _tls = tls;
        _stream = stream;
        _inner = inner;
        _ownProblem = ownProblem;
        _time = time;
        _openedAt = time.GetTimestamp();
        _stream.Gather = true;
    }

    private bool IsAborted => Volatile.Read(ref _aborted) != 0;

    public int Read(Span<byte> destination)
    {
        if (IsAborted)
        {
            return 0;
        }

        int received;
        try
        {
            received = _tls.Read(destination);
        }
        catch (Exception failure) when (IsExpected(failure))
        {
            if (IsAborted)
            {
                return 0;
            }

            throw new IOException($"Reading from {_inner.RemoteName} failed: {Explain(failure)}{(_hasReceived ? null : _ownProblem?.Invoke())}.", failure);
        }

        if (received == 0 && _ownProblem is not null && !_hasReceived && !IsAborted && _time.GetElapsedTime(_openedAt) < TimeSpan.FromSeconds(1))
        {
            // With TLS 1.3 we have finished the handshake before the peer looked at our certificate.
            throw new IOException(
                $"{_inner.RemoteName} closed the connection right after the TLS handshake, as it does when it refuses our certificate: "
                    + $"its log says why{_ownProblem()}.");
        }

        _hasReceived |= received > 0;
        return IsAborted ? 0 : received;
    }

    public bool Write(ReadOnlySpan<byte> source)
    {
        if (IsAborted)
        {
            return false;
        }

        if (source.IsEmpty)
        {
            return true;
        }

        try
        {
            _tls.Write(source);
            return _stream.FlushGathered() && !IsAborted;
        }
        catch (Exception failure) when (IsExpected(failure))
        {
            if (IsAborted)
            {
                return false;
            }

            throw new IOException($"Writing to {_inner.RemoteName} failed: {Explain(failure)}.", failure);
        }
    }

    /// <summary>Ends the connection below in this direction. Without close_notify: to make one while another thread reads is more than the
    /// framework's use of OpenSSL bears; rarely, it fails or never ends. Who depends on all having arrived counts it in a session.</summary>
    public void CloseWrite()
    {
        try
        {
            if (!IsAborted)
            {
                _inner.Output.Complete();
            }
        }
        catch (Exception failure) when (IsExpected(failure))
        {
            // Gone already: that is what was wanted.
        }
    }

    public void Abort()
    {
        Volatile.Write(ref _aborted, 1);
        _inner.Abort();
    }

    private static bool IsExpected(Exception failure) =>
        failure is IOException or ObjectDisposedException or InvalidOperationException or System.Security.Authentication.AuthenticationException
            or System.ComponentModel.Win32Exception;

    private static string Explain(Exception failure)
    {
        // What the connection below says is clear already.
        for (var each = failure; each is not null; each = each.InnerException)
        {
            if (each.InnerException is System.Net.Sockets.SocketException)
            {
                return each.Message.TrimEnd('.');
            }
        }

        return TlsFailureText.Of(failure);
    }
}
