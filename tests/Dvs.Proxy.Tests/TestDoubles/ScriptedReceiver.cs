using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Digests;
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

    /// <summary>The last OPEN that was answered.</summary>
    public SessionOpen Opened { get; private set; }

    /// <summary>Answers the OPEN that is due, as a process that knows no session.</summary>
    public void AnswerOpen(ulong process) => AnswerOpen(process, isKnown: false, delivered: null);

    /// <summary>Answers the OPEN that is due.</summary>
    public void AnswerOpen(ulong process, bool isKnown, ulong? delivered)
    {
        var header = ReadHeader();
        SessionOpen open;
        while (!SessionMessage.TryRead(in header, out open))
        {
            header = ReadHeader();
        }

        Opened = open;
        var challenge = new SessionChallenge(SessionMessage.Version, open.Features, 77);
        Send(SessionMessage.Create(in challenge, 1, 0, new Timestamp(1, 1)));
        Assert.True(SessionMessage.TryRead(ReadHeader(), out SessionProof proof));
        var keys = new SessionKeys(default, 0, 1, in open, in challenge, proof.Nonce);
        Assert.Equal(keys.ProofMac, proof.Mac);
        var last = delivered ?? open.NextNumber - 1;
        Send(SessionMessage.Create(
            new SessionAccept(process, keys.AcceptMac(process, isKnown, last), isKnown, last), 1, 0, new Timestamp(1, 1)));
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

    public void Disconnect() => _connection!.Close();

    /// <summary>The next control message of a kind; what comes before it is passed over.</summary>
    public CommandHeader ReadControl(ControlType type)
    {
        var header = ReadHeader();
        while (!ControlMessage.Is(header, type))
        {
            header = ReadHeader();
        }

        return header;
    }

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
