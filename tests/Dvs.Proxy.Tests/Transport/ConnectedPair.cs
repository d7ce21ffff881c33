using System.Buffers;
using System.IO.Pipelines;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Abilities;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Tests.Transport;

/// <summary>Both ends of one connection, and the listener it came through.</summary>
internal sealed class ConnectedPair(IProxyListener listener, ProxyConnection near, ProxyConnection far) : IAsyncDisposable
{
    internal IProxyListener Listener => listener;

    internal ProxyConnection Near => near;

    internal ProxyConnection Far => far;

    internal static Task<ConnectedPair> Open(IProxyTransport transport, string? listenHost, string connectHost) =>
        Open(transport, new TransportEndpoint(listenHost, 0), connectHost);

    internal static Task<ConnectedPair> Open(IProxyTransport transport, TransportEndpoint place) => Open(transport, place, place.Host);

    private static async Task<ConnectedPair> Open(IProxyTransport transport, TransportEndpoint place, string? connectHost)
    {
        var listener = await transport.ListenAsync(place, CancellationToken.None);
        var accepting = listener.AcceptAsync(CancellationToken.None).AsTask();
        var near = await Patience.OnThread(
            () => transport.ConnectAsync(listener.LocalEndpoint with { Host = connectHost }, CancellationToken.None).WaitBlocking()).Soon();
        var far = await accepting.Soon();
        Assert.NotNull(far);
        return new ConnectedPair(listener, near, far);
    }

    public async ValueTask DisposeAsync()
    {
        near.Abort();
        far.Abort();
        await near.DisposeAsync();
        await far.DisposeAsync();
        await listener.DisposeAsync();
    }
}

internal static class ConnectionExtensions
{
    internal static void Send(this ProxyConnection connection, ReadOnlySpan<byte> bytes)
    {
        connection.Output.Write(bytes);
        var result = connection.Output.FlushBlocking();
        Assert.False(result.IsCompleted);
        Assert.False(result.IsCanceled);
    }

    /// <summary>The connection, which can be polled.</summary>
    internal static IPolledReads Polled(this ProxyConnection connection) => connection.GetAbility<IPolledReads>() ?? throw new NotSupportedException("It cannot be polled.");

    /// <summary>Reads exactly so many bytes; fewer only at the end of the stream.</summary>
    internal static byte[] Receive(this ProxyConnection connection, int count)
    {
        while (true)
        {
            var result = connection.Input.ReadBlocking();
            if (result.Buffer.Length >= count || result.IsCompleted)
            {
                var taken = result.Buffer.Slice(0, Math.Min(count, result.Buffer.Length));
                var bytes = taken.ToArray();
                connection.Input.AdvanceTo(taken.End);
                return bytes;
            }

            connection.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>Reads until the stream ends in whatever way; true if it ended.</summary>
    internal static bool ReadToEnd(this ProxyConnection connection)
    {
        try
        {
            while (true)
            {
                var result = connection.Input.ReadBlocking();
                connection.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return true;
                }
            }
        }
        catch (IOException)
        {
            return true;
        }
    }
}
