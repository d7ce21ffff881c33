using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>
/// Node 1 as a sender of node 0 sees it, on a plain socket: takes its connections one after the other and says what the test wants. Reads
/// block for ever; the test runner's limit is theirs.
/// </summary>
internal sealed class ScriptedReceiver : IDisposable
{
    private readonly Socket _listener;
    private Socket? _connection;

    public ScriptedReceiver(int? receiveBufferSize = null)
    {
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBufferSize is { } size)
        {
            _listener.ReceiveBufferSize = size;
        }

        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Takes the next connection in place of the last.</summary>
    public async Task AcceptAsync()
    {
        var next = await _listener.AcceptAsync();
        _connection?.Dispose();
        _connection = next;
    }

    /// <summary>Answers the OPEN that is due, as a process that knows no session.</summary>
    public void AnswerOpen(ulong process)
    {
        while (!SessionMessage.Is(ReadHeader(), SessionMessageType.Open))
        {
        }

        Send(SessionMessage.Create(new SessionAccept(SessionMessage.Version, SessionFeatures.Sequence, process, 0, 0), 1, 0, new Timestamp(1, 1)));
    }

    public void Acknowledge(ulong sequence) => Send(SessionMessage.CreateAcknowledgement(sequence, 1, 0, new Timestamp(1, 1)));

    public void Refuse(SessionRefuseReason reason) => Send(SessionMessage.Create(new SessionRefuse(SessionMessage.Version, reason, 0), 1, 0, new Timestamp(1, 1)));

    /// <summary>Ends the connection with a reset.</summary>
    public void Reset()
    {
        _connection!.LingerState = new LingerOption(true, 0);
        _connection.Dispose();
    }

    public void CloseSending() => _connection!.Shutdown(SocketShutdown.Send);

    /// <summary>The next command; its block, if it has one, is not read.</summary>
    public CommandHeader ReadCommand()
    {
        var header = ReadHeader();
        while (header.Command == CommandCode.None)
        {
            header = ReadHeader();
        }

        return header;
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _listener.Dispose();
    }

    private CommandHeader ReadHeader() => _connection!.ReceiveHeader();

    private void Send(CommandHeader message) => _connection!.SendMessage(message);
}
