using System.IO.Pipes;
using Dvs.Proxy.Transport;

namespace CustomTransport;

/// <summary>Waits for peers at a named pipe.</summary>
internal sealed class PipeListener(TransportEndpoint local) : IProxyListener
{
    private readonly CancellationTokenSource _disposed = new();
    private NamedPipeServerStream _next = Open(local);

    public TransportEndpoint LocalEndpoint => local;

    public async ValueTask<ProxyConnection?> AcceptAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_disposed.Token, cancellationToken);
        try
        {
            await _next.WaitForConnectionAsync(either.Token);
        }
        catch (OperationCanceledException) when (_disposed.IsCancellationRequested)
        {
            // The rule: null once the listener was disposed.
            return null;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return _disposed.IsCancellationRequested ? null : throw new ProxyTransportException("The pipe's listener broke.", exception);
        }

        // The next one is there before this one is taken: at no time does nobody listen.
        var connected = _next;
        _next = Open(local);
        return new PipeConnection(connected, PipeTransport.PipeName(local));
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        await _next.DisposeAsync();
    }

    private static NamedPipeServerStream Open(TransportEndpoint local) => new(
        PipeTransport.PipeName(local), PipeDirection.InOut, NamedPipeServerStream.MaxAllowedServerInstances, PipeTransmissionMode.Byte, PipeOptions.Asynchronous);
}
