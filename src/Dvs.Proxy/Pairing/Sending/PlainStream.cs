using System.Buffers;
using System.IO.Pipelines;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>Classic bytes: frames go out, nothing comes back, and what a broken connection took with it is gone.</summary>
internal sealed class PlainStream(PairContext context, Func<CommandHeader> createHello) : OutboundStream(context, sequenced: false)
{
    private PipeWriter? _output;

    public override IBufferWriter<byte> Frames => _output!;

    public override TimeSpan ResumeWindow => TimeSpan.Zero;

    public override bool HasProgressed => false;

    public override bool HasRoom => true;

    public override bool IsSettled => true;

    // Tells the peer at once who we are: a shared listener needs the first frame to know whose connection it is.
    public override ConnectionEnd? Begin(ProxyConnection connection)
    {
        _output = connection.Output;
        try
        {
            WriteControl(createHello());
            return null;
        }
        catch (IOException exception)
        {
            return ConnectionEnd.Of(exception);
        }
    }

    public override void WaitForRoom()
    {
    }

    public override void Flush()
    {
        Writer.Complete(_output!);
        Check(_output!.FlushBlocking());
    }

    public override void WriteControl(in CommandHeader message)
    {
        Writer.AcknowledgeSequence = (ulong)Volatile.Read(ref Context.ReceiverCounters.Frames);
        Writer.Add(_output!, in message);
        Flush();
    }

    // A classic receiver never says anything; whatever comes is not for us.
    public override ConnectionEnd? TryConsume(ref ReadOnlySequence<byte> input)
    {
        input = input.Slice(input.End);
        return null;
    }

    public override void OnBroken()
    {
    }

    public override int End(int unflushedCommands)
    {
        Writer.Abandon();
        _output = null;
        return unflushedCommands;
    }

    public override void Finish()
    {
    }
}
