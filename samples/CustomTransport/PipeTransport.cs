using System.IO.Pipes;
using Dvs.Proxy.Transport;

namespace CustomTransport;

/// <summary>
/// A transport over named pipes: everything it takes for one of your own. A host registers it with
/// <c>services.AddSingleton&lt;IProxyTransport, PipeTransport&gt;()</c>, and a peer picks it with <c>proto pipe</c>, or <c>Transport = "pipe"</c>.
/// A pipe is on one machine, so of an address only the port counts.
/// </summary>
internal sealed class PipeTransport : IProxyTransport
{
    private static int _chosen;

    public string Name => "pipe";

    public ValueTask<IProxyListener> ListenAsync(TransportEndpoint local, CancellationToken cancellationToken)
    {
        // Port 0 lets the transport choose.
        var port = local.Port == 0 ? Interlocked.Increment(ref _chosen) : local.Port;
        return new ValueTask<IProxyListener>(new PipeListener(local with { Port = port }));
    }

    public async ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken)
    {
        var pipe = new NamedPipeClientStream(".", PipeName(remote), PipeDirection.InOut, PipeOptions.Asynchronous);
        try
        {
            // The proxy tries again after a while: nobody listening is an answer, not something to wait for.
            await pipe.ConnectAsync(TimeSpan.FromMilliseconds(200), cancellationToken);
            return new PipeConnection(pipe, PipeName(remote));
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
            await pipe.DisposeAsync();
            throw new ProxyTransportException($"Cannot connect to {PipeName(remote)}: nobody listens there.", exception);
        }
        catch (OperationCanceledException)
        {
            await pipe.DisposeAsync();
            throw;
        }
    }

    // Pipes are seen by all users of a machine; the process id keeps two runs of this sample apart. Real nodes would leave it out.
    internal static string PipeName(TransportEndpoint endpoint) => $"dvs-{Environment.ProcessId}-{endpoint.Port}";
}
