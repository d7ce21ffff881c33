using System.Net.Sockets;
using System.Text.Json;
using Dvs.Proxy.Tool.Commands;
using Dvs.Proxy.Tool.Operator;
using Dvs.Proxy.Tool.Output;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Tool.Control;

/// <summary>
/// Answers every connection to a Unix socket and closes it: a line with an <see cref="OperatorRequest"/> by what the driver said to it, no line by
/// the host's status; both as JSON. Connections are answered side by side, so that none waits for a slow one. Behaviour: StatusServerTests.
/// </summary>
internal sealed partial class StatusServer(
    string path, Func<HostStatus> getStatus, Func<OperatorRequest, OperatorAnswer> operate, ILogger<StatusServer> logger) : BackgroundService
{
    private const int MaxAnswers = 16;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _room = new(MaxAnswers);
    private StatusSocket? _socket;
    private bool _isFaultLogged;

    /// <exception cref="HostException">The socket cannot be made, another proxy answers there, or something else has its name.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _socket = StatusSocket.Listen(path);
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        _socket?.Dispose();
    }

    // Whatever happens, the next one is answered: no descriptor left for a moment, an answer that fails.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _room.WaitAsync(stoppingToken);
                try
                {
                    var connection = await _socket!.AcceptAsync(stoppingToken);
                    _ = Task.Run(() => AnswerAndCloseAsync(connection, stoppingToken), CancellationToken.None);
                }
                catch
                {
                    _room.Release();
                    throw;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFault(exception);
                await Task.Delay(Pause, CancellationToken.None);
            }
        }
    }

    private async Task AnswerAndCloseAsync(Socket connection, CancellationToken stopping)
    {
        try
        {
            using (connection)
            {
                await AnswerAsync(connection, stopping);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException)
        {
            // The asker went away, or took too long; or the host stops.
        }
        catch (Exception exception)
        {
            LogFault(exception);
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task AnswerAsync(Socket connection, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(AnswerLimit);
        await using var stream = new NetworkStream(connection);
        using var reader = new StreamReader(stream, leaveOpen: true);
        if (await reader.ReadLineAsync(limit.Token) is { Length: > 0 } line)
        {
            // What the driver needs for it is not the asker's time.
            var answer = Operate(line);
            limit.CancelAfter(AnswerLimit);
            await JsonSerializer.SerializeAsync(stream, answer, HostJson.Default.OperatorAnswer, limit.Token);
            return;
        }

        await JsonSerializer.SerializeAsync(stream, getStatus(), HostJson.Default.HostStatus, limit.Token);
    }

    private OperatorAnswer Operate(string line)
    {
        try
        {
            return operate(JsonSerializer.Deserialize(line, HostJson.Default.OperatorRequest) ?? throw new JsonException("an empty request"));
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return new OperatorAnswer
            {
                Failure = new OperatorFailure
                {
                    Attempted = "read the request",
                    Message = $"This proxy does not understand the request: {exception.Message}"
                }
            };
        }
    }

    // Once: the same fault would come with every question.
    private void LogFault(Exception exception)
    {
        if (!_isFaultLogged)
        {
            _isFaultLogged = true;
            LogFault(logger, exception);
        }
    }

    [LoggerMessage(1, LogLevel.Warning,
        "A question on the status socket could not be answered. The proxy serves on, and so does the socket where it can; this is not "
        + "said again.")]
    private static partial void LogFault(ILogger logger, Exception exception);
}
