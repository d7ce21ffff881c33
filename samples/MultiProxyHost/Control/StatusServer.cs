using System.Net.Sockets;
using System.Text.Json;
using Dvs.MultiProxyHost.Commands;
using Dvs.MultiProxyHost.Operator;
using Dvs.MultiProxyHost.Output;
using Dvs.Proxy.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace Dvs.MultiProxyHost.Control;

/// <summary>
/// Answers every connection to a Unix socket and closes it: a line with an <see cref="OperatorRequest"/> by what the driver said to it, no line by
/// the proxy's status; both as JSON. Only the user can connect.
/// </summary>
internal sealed class StatusServer(string path, Func<ProxyStatus> getStatus, Func<OperatorRequest, OperatorAnswer> operate) : BackgroundService
{
    private const int Backlog = 16;
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(5);

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <exception cref="HostException">The socket cannot be made, or another proxy answers there.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        RemoveStale();
        try
        {
            _listener.Bind(new UnixDomainSocketEndPoint(path));

            // Before Listen nobody can connect, so there is no moment at which others could.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            _listener.Listen(Backlog);
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new HostException($"Cannot make the status socket {path}: {exception.Message}. Give another with --socket.", exception);
        }

        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        // Removes the file, too.
        _listener.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var connection = await _listener.AcceptAsync(stoppingToken);
                await AnswerAsync(connection, stoppingToken);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException)
            {
                // The asker went away, or took too long; or the host stops, which ends the loop.
            }
        }
    }

    private async Task AnswerAsync(Socket connection, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(WriteLimit);
        await using var stream = new NetworkStream(connection);
        using var reader = new StreamReader(stream, leaveOpen: true);
        if (await reader.ReadLineAsync(limit.Token) is { Length: > 0 } line)
        {
            await JsonSerializer.SerializeAsync(stream, Operate(line), HostJson.Default.OperatorAnswer, limit.Token);
            return;
        }

        await JsonSerializer.SerializeAsync(stream, getStatus(), HostJson.Default.ProxyStatus, limit.Token);
    }

    private OperatorAnswer Operate(string line)
    {
        try
        {
            return operate(JsonSerializer.Deserialize(line, HostJson.Default.OperatorRequest) ?? throw new JsonException("an empty request"));
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return new OperatorAnswer { Failure = new OperatorFailure { Attempted = "read the request", Message = $"This proxy does not understand the request: {exception.Message}" } };
        }
    }

    private void RemoveStale()
    {
        if (!File.Exists(path))
        {
            return;
        }

        if (StatusClient.IsAnswered(path))
        {
            throw new HostException($"Another proxy runs and answers on {path}. Stop it first, or give another status socket with --socket.");
        }

        // Left behind by a process that was killed. What is no socket stays: Bind then says that the address is in use.
        if (StatusClient.IsSocket(path))
        {
            File.Delete(path);
        }
    }
}
