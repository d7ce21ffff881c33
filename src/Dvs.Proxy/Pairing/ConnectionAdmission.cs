using Dvs.Proxy.Protocol;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// Waits for the first header of connections that have yet to show whose they are: one short-lived thread each, because a connection's pipe
/// may block its reader; so their number and their time are limited.
/// </summary>
internal sealed class ConnectionAdmission(WireLayout layout, TimeSpan timeout, int maxPending)
{
    private const int StackSize = 128 * 1024;

    private readonly HashSet<ProxyConnection> _pending = [];
    private bool _stopped;

    /// <summary>Takes a connection over. False: too many wait already.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="findPair">Finds the pair for a first header; null refuses.</param>
    /// <param name="refuse">Told why a connection was not admitted; closes it.</param>
    public bool TryAdmit(ProxyConnection connection, Func<CommandHeader, ProxyPair?> findPair, Action<string> refuse)
    {
        lock (_pending)
        {
            if (_stopped || _pending.Count >= maxPending)
            {
                return false;
            }

            _pending.Add(connection);
        }

        var thread = new Thread(() => Admit(connection, findPair, refuse), StackSize) { IsBackground = true, Name = "dvs admission" };
        thread.Start();
        return true;
    }

    /// <summary>Ends all that wait and admits no more.</summary>
    public void Stop()
    {
        lock (_pending)
        {
            _stopped = true;
            foreach (var connection in _pending)
            {
                connection.Abort();
            }
        }
    }

    private void Admit(ProxyConnection connection, Func<CommandHeader, ProxyPair?> findPair, Action<string> refuse)
    {
        string? failure;
        CommandHeader header = default;
        using (new Timer(static state => ((ProxyConnection)state!).Abort(), connection, timeout, Timeout.InfiniteTimeSpan))
        {
            failure = ReadHeader(connection, out header);
        }

        lock (_pending)
        {
            _pending.Remove(connection);
        }

        if (failure is not null)
        {
            refuse(failure);
        }
        else if (findPair(header) is { } pair)
        {
            pair.Offer(connection);
        }
        else
        {
            refuse($"its first frame goes from node {header.SourceNode} to node {header.DestinationNode}, which is no peer of this port");
        }
    }

    private string? ReadHeader(ProxyConnection connection, out CommandHeader header)
    {
        header = default;
        try
        {
            while (true)
            {
                var result = ProxyPipes.ReadBlocking(connection.Input);
                var complete = FrameReader.TryPeekHeader(result.Buffer, layout, out header);
                connection.Input.AdvanceTo(result.Buffer.Start, complete ? result.Buffer.Start : result.Buffer.End);
                if (complete)
                {
                    return null;
                }

                if (result.IsCompleted || result.IsCanceled)
                {
                    return $"it ended, or its time of {timeout.TotalSeconds:0.###} s did, before its first header was complete ({result.Buffer.Length} of {layout.HeaderSize} bytes)";
                }
            }
        }
        catch (IOException exception)
        {
            return exception.Message.TrimEnd('.');
        }
    }
}
