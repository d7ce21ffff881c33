using System.IO.Pipelines;
using System.Net;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Abilities;

namespace Dvs.Proxy.Tests.Faults.Transports;

/// <summary>A connection whose output has faults; its input has those of the other end's output.</summary>
/// <remarks>Whether a sender reads for itself, or a thread of its own does, is the schedule's to say: both have to be right.</remarks>
internal sealed class FaultyConnection : ProxyConnection
{
    private readonly ProxyConnection _inner;
    private readonly bool _isPolled;
    private readonly FaultyPipeWriter _output;

    public FaultyConnection(ProxyConnection inner, FaultScript script, bool isPolled)
    {
        (_inner, _isPolled) = (inner, isPolled);
        _output = new FaultyPipeWriter(inner.Output, inner.Abort, script);
    }

    public override PipeReader Input => _inner.Input;

    public override PipeWriter Output => _output;

    public override IPAddress? RemoteAddress => _inner.RemoteAddress;

    public override string RemoteName => _inner.RemoteName;

    public override T? GetAbility<T>()
        where T : class =>
        _isPolled || typeof(T) == typeof(ITimedReads) || typeof(T) == typeof(IInterruptibleReads) ? _inner.GetAbility<T>() : null;

    public override void Abort()
    {
        _output.OnAborted();
        _inner.Abort();
    }

    public override ValueTask DisposeAsync()
    {
        _output.Dispose();
        return _inner.DisposeAsync();
    }
}
