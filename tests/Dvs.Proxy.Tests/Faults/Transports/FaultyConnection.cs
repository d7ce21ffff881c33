using System.IO.Pipelines;
using System.Net;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tests.Faults.Transports;

/// <summary>A connection whose output has faults; its input has those of the other end's output.</summary>
internal sealed class FaultyConnection : ProxyConnection
{
    private readonly ProxyConnection _inner;
    private readonly FaultyPipeWriter _output;

    public FaultyConnection(ProxyConnection inner, FaultScript script)
    {
        _inner = inner;
        _output = new FaultyPipeWriter(inner.Output, inner.Abort, script);
    }

    public override PipeReader Input => _inner.Input;

    public override PipeWriter Output => _output;

    public override IPAddress? RemoteAddress => _inner.RemoteAddress;

    public override string RemoteName => _inner.RemoteName;

    internal override bool TrySetReadTimeout(TimeSpan timeout) => _inner.TrySetReadTimeout(timeout);

    internal override void AllowInterrupt() => _inner.AllowInterrupt();

    internal override bool TryInterruptRead() => _inner.TryInterruptRead();

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
