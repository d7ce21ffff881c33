namespace FileTransfer;

/// <summary>
/// Restarts the proxy of a node whenever so many bytes have passed: what an operator does, at the worst of times. Used by the server's thread.
/// </summary>
/// <param name="node">The node.</param>
/// <param name="every">Bytes; 0 for never.</param>
/// <param name="cancellation">Gives up.</param>
internal sealed class ProxyRestarts(Node node, long every, CancellationToken cancellation)
{
    private long _passed;
    private Task _start = Task.CompletedTask;

    /// <summary>Bytes have passed.</summary>
    public void Count(int length)
    {
        _passed += length;
        if (every > 0 && _passed >= every)
        {
            // Stops it while the server waits, so that the transfer is interrupted for certain, and starts it beside the server, which goes on without.
            _passed = 0;
            _start.GetAwaiter().GetResult();
            node.StopProxyAsync().GetAwaiter().GetResult();
            Console.WriteLine("the proxy was stopped and starts again");
            _start = Task.Run(() => node.StartProxyAsync(cancellation), cancellation);
        }
    }
}
