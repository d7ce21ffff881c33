using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing.Sending.Replies;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// Classic bytes: frames go out, nothing comes back, and what a broken connection took with it is gone. Behaviour: ClassicPeerTests.
/// </summary>
internal sealed class PlainStream : OutboundStream
{
    private readonly Func<CommandHeader> _createHello;
    private readonly BufferSink _sink = new(output: null);
    private IgnoredReplies? _replies;
    private ProxyConnection? _connection;

    public PlainStream(PairContext context, Func<CommandHeader> createHello)
        : base(context)
    {
        _createHello = createHello;
        Writer = new FrameWriter(WriterOptions(context, isSession: false), _sink);
    }

    public override FrameWriter Writer { get; }

    public override TimeSpan ResumeWindow => TimeSpan.Zero;

    public override bool HasProgressed => false;

    public override bool HasRoom => true;

    public override bool IsSettled => true;

    public override int IdleMilliseconds => int.MaxValue;

    protected override PeerReplies? Replies => _replies;

    // Tells the peer at once who we are: a shared listener needs the first frame to know whose connection it is.
    protected override ConnectionEnd? Begin(ProxyConnection connection, Action onEnded)
    {
        _connection = connection;
        _sink.Redirect(connection.Output);
        var isOpen = false;
        try
        {
            SendControl(_createHello());
            _replies = new IgnoredReplies(connection, onEnded, WatchThreadName);
            isOpen = true;
            return null;
        }
        catch (IOException exception)
        {
            return ConnectionEnd.Of(exception);
        }
        finally
        {
            if (!isOpen)
            {
                Forget();
            }
        }
    }

    protected override void Apply()
    {
    }

    protected override void Wait()
    {
    }

    protected override void FlushFrames()
    {
        Writer.Complete();
        ConnectionOutput.RequireOpen(_connection!.Output.FlushBlocking());
    }

    protected override void SendControl(in CommandHeader control)
    {
        Writer.AcknowledgeSequence = Context.FramesReceived;
        Writer.Add(in control);
        FlushFrames();
    }

    protected override void LookAfterIdleTime()
    {
    }

    protected override StreamEnd Leave(ConnectionEnd end, int unflushedCommands)
    {
        var ownEnd = _connection!.OwnEnd;
        var seen = _replies!.End;
        _replies.Dispose();
        Forget();
        return new StreamEnd(ownEnd ?? ConnectionEnd.MostTelling(end, end, seen), unflushedCommands);
    }

    private void Forget()
    {
        Writer.Abandon();
        _sink.Redirect(null);
        _replies = null;
        _connection = null;
    }
}
