using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Transport.Abilities;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Transport.Sockets;

/// <summary>
/// A connection over a connected stream socket, of whatever address family, with every ability a connection can have: what TCP and Unix-domain
/// sockets are made of, and a transport of one's own can be. Reads and writes block the calling thread in the system call. Its buffers come from a
/// pool at the first read and write, and go back when it is disposed of. Behaviour: the contract suite of the transports, TcpConnectionEndTests.
/// </summary>
public class SocketConnection : ProxyConnection, IPolledReads, IInterruptibleReads, IConnectionProbe
{
    private readonly SocketByteStream _stream;
    private readonly BlockingPipeReader _input;
    private readonly BlockingPipeWriter _output;
    private int _disposed;

    /// <summary>Takes a socket over: the connection owns it from now on.</summary>
    /// <param name="socket">Connected, of a stream type, and in blocking mode: no asynchronous operation was ever begun on it.</param>
    /// <param name="remoteName">The peer, for people.</param>
    /// <param name="remoteAddress">The peer's address, where the family has addresses that the configuration can name; null otherwise.</param>
    /// <param name="buffers">Sizes of the buffers; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is outside its range.</exception>
    public SocketConnection(Socket socket, string remoteName, IPAddress? remoteAddress, SocketBufferSizes? buffers = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(remoteName);
        var sizes = (buffers ?? new SocketBufferSizes()).Check();
        (Socket, RemoteName, RemoteAddress) = (socket, remoteName, remoteAddress);
        _stream = new SocketByteStream(socket, remoteName);
        _input = new BlockingPipeReader(_stream, TransportBuffers.Pool, sizes.ReadBufferSize, sizes.MaximumReadBufferSize);
        _output = new BlockingPipeWriter(_stream, TransportBuffers.Pool);
    }

    /// <inheritdoc/>
    public override PipeReader Input => _input;

    /// <inheritdoc/>
    public override PipeWriter Output => _output;

    /// <inheritdoc/>
    public override IPAddress? RemoteAddress { get; }

    /// <inheritdoc/>
    public override string RemoteName { get; }

    /// <inheritdoc/>
    public bool HasInput => _input.HasUnexamined || _stream.HasInput;

    /// <inheritdoc/>
    public bool CanWriteAtOnce => _stream.CanWriteAtOnce;

    /// <inheritdoc/>
    public bool HasPeerEnded => SocketHangUp.IsSupported && SocketHangUp.HasEnded(Socket);

    /// <summary>The socket: to be looked at, not to be used.</summary>
    protected internal Socket Socket { get; }

    /// <inheritdoc/>
    /// <remarks>Only Linux can wait for the end of a socket without reading from it: elsewhere there is no <see cref="IPolledReads"/>.</remarks>
    public override T? GetAbility<T>()
        where T : class => typeof(T) == typeof(IPolledReads) && !SocketHangUp.IsSupported ? null : base.GetAbility<T>();

    /// <inheritdoc/>
    public void SetReadTimeout(TimeSpan timeout) => _stream.SetReadTimeout(timeout);

    /// <inheritdoc/>
    public void WaitForEnd()
    {
        var error = SocketHangUp.Wait(Socket);
        _stream.ThrowIfFailed();
        if (error != SocketError.Success)
        {
            throw new IOException($"The connection to {RemoteName} broke: {SocketErrorText.Of(error)}.", new SocketException((int)error));
        }
    }

    /// <inheritdoc/>
    public void KeepInputAfterAbort() => _stream.KeepInputAfterAbort();

    /// <inheritdoc/>
    public void AllowInterrupt() => _stream.AllowInterrupt();

    /// <inheritdoc/>
    public void InterruptReads() => _stream.Interrupt();

    /// <inheritdoc/>
    public override void Abort() => _stream.Abort();

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            OnDisposing();
            _stream.Dispose();
            _input.Complete();
            _output.Release();
        }

        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>As <see cref="Abort"/>, but reads and writes fail from then on with this reason, as they do when the system reports a broken
    /// connection. Without effect on a connection that has ended. Any thread.</summary>
    /// <param name="reason">What is the matter; a sentence without its full stop.</param>
    protected void Fail(string reason) => _stream.Fail(reason);

    /// <summary>The connection is being disposed of: its socket still exists. Called once.</summary>
    protected virtual void OnDisposing()
    {
    }
}
