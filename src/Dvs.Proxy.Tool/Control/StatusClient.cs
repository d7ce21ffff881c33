using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dvs.Proxy.Tool.Commands;
using Dvs.Proxy.Tool.Operator;
using Dvs.Proxy.Tool.Output;

namespace Dvs.Proxy.Tool.Control;

/// <summary>Talks to a running proxy over its status socket.</summary>
internal static class StatusClient
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <exception cref="HostException">Nobody answers there, or not with a status.</exception>
    public static Task<HostStatus> ReadAsync(string path, CancellationToken cancellation) =>
        ExchangeAsync(path, null, HostJson.Default.HostStatus, cancellation);

    /// <summary>Has the driver of a running proxy do something.</summary>
    /// <exception cref="HostException">Nobody answers there, or with something else.</exception>
    public static Task<OperatorAnswer> OperateAsync(string path, OperatorRequest request, CancellationToken cancellation) =>
        ExchangeAsync(path, JsonSerializer.SerializeToUtf8Bytes(request, OperatorJson.Default.OperatorRequest), HostJson.Default.OperatorAnswer, cancellation);

    private static async Task<T> ExchangeAsync<T>(string path, byte[]? request, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        var place = StatusSocketPath.ToEndPoint(path);
        if (!Path.Exists(path))
        {
            throw new HostException($"No proxy runs there: there is no socket {path}. Start one with: dvs-proxy run --config FILE");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            using var socket = CreateSocket();
            await socket.ConnectAsync(place, limit.Token);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(request ?? [], limit.Token);
            socket.Shutdown(SocketShutdown.Send);
            return await JsonSerializer.DeserializeAsync(stream, type, limit.Token)
                ?? throw new HostException($"What answers on {path} is no proxy: it sent nothing.");
        }
        catch (SocketException exception)
        {
            throw new HostException($"No proxy answers on {path}: {exception.Message}. Start one with: dvs-proxy run --config FILE", exception);
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw new HostException($"What answers on {path} sent no answer of a proxy: {exception.Message}", exception);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new HostException($"The proxy on {path} did not answer within {Limit.TotalSeconds:0} s.", exception);
        }
    }

    /// <summary>Whether somebody accepts connections there.</summary>
    /// <exception cref="HostException">A socket cannot have this path.</exception>
    public static bool IsAnswered(string path)
    {
        try
        {
            using var socket = CreateSocket();

            // Where one who is stopped has a full queue, a blocking connect waits until he goes on.
            socket.Blocking = false;
            socket.Connect(StatusSocketPath.ToEndPoint(path));
            return true;
        }
        catch (SocketException exception)
        {
            // Only a refusal says that nobody is there; one who is busy, or may not be asked, is.
            return exception.SocketErrorCode != SocketError.ConnectionRefused;
        }
    }


    private static Socket CreateSocket() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
}
