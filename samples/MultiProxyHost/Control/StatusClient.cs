using System.Net.Sockets;
using System.Text.Json;
using Dvs.MultiProxyHost.Commands;
using Dvs.MultiProxyHost.Output;
using Dvs.Proxy.Diagnostics;

namespace Dvs.MultiProxyHost.Control;

/// <summary>Asks a running proxy for its status.</summary>
internal static class StatusClient
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <exception cref="HostException">Nobody answers there, or not with a status.</exception>
    public static async Task<ProxyStatus> ReadAsync(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path))
        {
            throw new HostException($"No proxy runs there: there is no socket {path}. Start one with: MultiProxyHost run --config FILE");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            using var socket = CreateSocket();
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), limit.Token);
            await using var stream = new NetworkStream(socket);
            return await JsonSerializer.DeserializeAsync(stream, HostJson.Default.ProxyStatus, limit.Token)
                ?? throw new HostException($"What answers on {path} is no proxy: it sent nothing.");
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            throw new HostException($"No proxy answers on {path}: {exception.Message}. Start one with: MultiProxyHost run --config FILE", exception);
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw new HostException($"What answers on {path} sent no status: {exception.Message}", exception);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new HostException($"The proxy on {path} did not answer within {Limit.TotalSeconds:0} s.", exception);
        }
    }

    /// <summary>Whether somebody accepts connections there.</summary>
    public static bool IsAnswered(string path) => Connect(path) is null;

    /// <summary>Whether the file is a socket, with or without somebody behind it.</summary>
    public static bool IsSocket(string path) => Connect(path) is null or SocketError.ConnectionRefused && new FileInfo(path) is { Length: 0 };

    private static SocketError? Connect(string path)
    {
        try
        {
            using var socket = CreateSocket();
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return null;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }

    private static Socket CreateSocket() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
}
