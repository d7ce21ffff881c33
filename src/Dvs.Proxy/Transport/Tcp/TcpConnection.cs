using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Transport.Addresses;

namespace Dvs.Proxy.Transport.Tcp;

/// <summary>A TCP connection. Its buffers come from the pool at the first read and write, and go back when it is disposed.</summary>
internal sealed class TcpConnection : ProxyConnection
{
    private readonly SocketByteStream _stream;
    private readonly BlockingPipeReader _input;
    private readonly BlockingPipeWriter _output;
    private readonly VanishedPeerWatch? _watch;
    private int _disposed;

    internal TcpConnection(Socket socket, TcpTransportOptions options)
    {
        var remote = (IPEndPoint)socket.RemoteEndPoint!;
        RemoteAddress = HostText.Plain(remote.Address);
        RemoteName = new IPEndPoint(RemoteAddress, remote.Port).ToString();
        Socket = socket;
        _stream = new SocketByteStream(socket, RemoteName);
        _input = new BlockingPipeReader(_stream, TransportBuffers.Pool, options.ReadBufferSize, options.MaximumReadBufferSize);
        _output = new BlockingPipeWriter(_stream, TransportBuffers.Pool);
        if (options.UnansweredLimit != Timeout.InfiniteTimeSpan && OperatingSystem.IsLinux())
        {
            _watch = new VanishedPeerWatch(socket, RemoteName, options.UnansweredLimit, _stream.Fail);
        }
    }

    public override PipeReader Input => _input;

    public override PipeWriter Output => _output;

    public override IPAddress RemoteAddress { get; }

    public override string RemoteName { get; }

    /// <summary>For tests that look at its options.</summary>
    internal Socket Socket { get; }

    internal override Socket? Pollable => Socket;

    internal override bool TrySetReadTimeout(TimeSpan timeout)
    {
        _stream.SetReadTimeout(timeout);
        return true;
    }

    internal override bool CanWriteAtOnce => _stream.CanWriteAtOnce;

    internal override bool CanWaitForEnd => SocketHangUp.IsSupported;

    internal override bool HasPeerEnded => SocketHangUp.IsSupported && SocketHangUp.HasEnded(Socket);

    internal override bool HasInput => _input.HasUnexamined || _stream.HasInput;

    internal override void WaitForEnd()
    {
        var error = SocketHangUp.Wait(Socket);
        _stream.ThrowIfFailed();
        if (error != SocketError.Success)
        {
            throw new IOException($"The connection to {RemoteName} broke: {SocketErrorText.Of(error)}.", new SocketException((int)error));
        }
    }

    internal override void KeepInputAfterAbort() => _stream.KeepInputAfterAbort();

    internal override void AllowInterrupt() => _stream.AllowInterrupt();

    internal override bool TryInterruptRead()
    {
        _stream.Interrupt();
        return true;
    }

    public override void Abort() => _stream.Abort();

    public override ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _watch?.Dispose();
            _stream.Dispose();
            _input.Complete();
            _output.Release();
        }

        return ValueTask.CompletedTask;
    }
}
