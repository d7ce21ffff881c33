using System.Net.Sockets;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Transport.Sockets;

/// <summary>
/// A connected stream socket as <see cref="IByteStream"/>: plain blocking recv and send on the caller's thread. No asynchronous operation
/// may ever be made on the socket: the first one would switch its descriptor to non-blocking mode for good, and every blocking call from then on
/// would be emulated with a wait for the runtime's event loop.
/// </summary>
internal sealed class SocketByteStream(Socket socket, string remoteName) : IByteStream
{
    // How soon a blocked read notices that it is to end: the system has no way to wake it that the peer would not notice.
    private const int InterruptMilliseconds = 250;

    private bool _hasReadTimeout;
    private bool _allowsInterrupt;
    private volatile bool _isInterrupted;
    private bool _keepsInput;
    private int _aborted;
    private volatile string? _failure;

    /// <summary>True while bytes have arrived that were not read. The reading thread only.</summary>
    internal bool HasInput
    {
        get
        {
            try
            {
                return socket.Available > 0;
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>False while the kernel has no room for a good part of the send buffer.</summary>
    internal bool CanWriteAtOnce
    {
        get
        {
            try
            {
                return socket.Poll(0, SelectMode.SelectWrite);
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    private bool IsAborted => Volatile.Read(ref _aborted) != 0;

    private bool IsReadingOver => IsAborted && !_keepsInput;

    public int Read(Span<byte> destination)
    {
        while (!IsReadingOver)
        {
            SocketError error;
            int received;
            try
            {
                received = socket.Receive(destination, SocketFlags.None, out error);
            }
            catch (ObjectDisposedException)
            {
                break;
            }

            if (error == SocketError.Success)
            {
                if (IsReadingOver || received == 0)
                {
                    break;
                }

                return received;
            }

            if (error is SocketError.TimedOut or SocketError.WouldBlock && (_hasReadTimeout || _allowsInterrupt))
            {
                if (IsAborted)
                {
                    break;
                }

                if (_hasReadTimeout || _isInterrupted)
                {
                    return IByteStream.TimedOut;
                }

                continue;
            }

            if (error != SocketError.Interrupted && !IsAborted)
            {
                throw new IOException($"Reading from {remoteName} failed: {SocketErrorText.Of(error)}.", new SocketException((int)error));
            }
        }

        ThrowIfFailed();
        return 0;
    }

    /// <summary>Reads go on after <see cref="Abort"/>, to the end of what had arrived before. The reading thread only.</summary>
    internal void KeepInputAfterAbort() => _keepsInput = true;

    /// <summary>Limits how long <see cref="Read"/> blocks (SO_RCVTIMEO). The reading thread only.</summary>
    internal void SetReadTimeout(TimeSpan timeout)
    {
        try
        {
            // Zero is for ever in the system's eyes.
            var longest = _allowsInterrupt ? InterruptMilliseconds : 0;
            socket.ReceiveTimeout = timeout == Timeout.InfiniteTimeSpan ? longest : Math.Max(1, (int)timeout.TotalMilliseconds);
            _hasReadTimeout = timeout != Timeout.InfiniteTimeSpan;
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // The connection is gone: the next read says so.
        }
    }

    /// <summary>Lets <see cref="Interrupt"/> end a blocked read. The reading thread only.</summary>
    internal void AllowInterrupt()
    {
        _allowsInterrupt = true;
        SetReadTimeout(Timeout.InfiniteTimeSpan);
    }

    /// <summary>A read that finds nothing ends soon, as if its time were up. Any thread.</summary>
    internal void Interrupt() => _isInterrupted = true;

    public bool Write(ReadOnlySpan<byte> source)
    {
        while (!IsAborted)
        {
            if (source.IsEmpty)
            {
                return true;
            }

            SocketError error;
            int sent;
            try
            {
                sent = socket.Send(source, SocketFlags.None, out error);
            }
            catch (ObjectDisposedException)
            {
                break;
            }

            if (error == SocketError.Success)
            {
                source = source[sent..];
            }
            else if (error != SocketError.Interrupted && !IsAborted)
            {
                // No time-out of writes is set: the framework says so of a connection that broke in the middle of one, and forgets the reason.
                // Of a host that does not answer any more the watch says so long before the kernel would: what is left is a reset.
                error = error == SocketError.TimedOut ? SocketError.ConnectionReset : error;
                throw new IOException($"Writing to {remoteName} failed: {SocketErrorText.Of(error)}.", new SocketException((int)error));
            }
        }

        ThrowIfFailed();
        return false;
    }

    public void CloseWrite() => ShutDown(SocketShutdown.Send);

    /// <summary>
    /// Shuts both directions down, which wakes blocked recv and send at once and tells the peer. The descriptor itself stays open until
    /// <see cref="Dispose"/>, so a thread that is just about to call recv can never meet a descriptor that means something else by now.
    /// </summary>
    public void Abort()
    {
        if (Interlocked.Exchange(ref _aborted, 1) == 0)
        {
            ShutDown(SocketShutdown.Both);
        }
    }

    /// <summary>As <see cref="Abort"/>, but reads and writes say why from then on, as they do when the system reports a broken connection.
    /// Without effect on a connection that has ended. Any thread.</summary>
    internal void Fail(string reason)
    {
        if (!IsAborted)
        {
            _failure = reason;
            Abort();
        }
    }

    /// <exception cref="IOException">The connection was ended by <see cref="Fail"/>.</exception>
    internal void ThrowIfFailed()
    {
        if (_failure is { } reason)
        {
            throw new IOException($"{reason}.", new SocketException((int)SocketError.TimedOut));
        }
    }

    /// <summary>Ends the connection and closes the descriptor.</summary>
    internal void Dispose()
    {
        Abort();
        socket.Dispose();
    }

    private void ShutDown(SocketShutdown how)
    {
        try
        {
            socket.Shutdown(how);
        }
        catch (SocketException)
        {
            // Not connected any more: that is what was wanted.
        }
        catch (ObjectDisposedException)
        {
        }
    }
}
