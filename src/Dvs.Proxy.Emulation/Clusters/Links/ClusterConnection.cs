using System.IO.Pipelines;
using System.Net;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Abilities;

namespace Dvs.Proxy.Emulation.Clusters.Links;

/// <summary>One end of a connection between two nodes of a cluster: its output stands still while the link does. The input is untouched: it has the faults of
/// the other end's output.</summary>
internal sealed class ClusterConnection : ProxyConnection, IConnectionProbe
{
    private readonly ProxyConnection _inner;
    private readonly ClusterLink _link;
    private readonly CancellationTokenSource _aborted = new();

    private ClusterConnection(ProxyConnection inner, ClusterLink link)
    {
        (_inner, _link) = (inner, link);
        Output = new StallingPipeWriter(inner.Output, link, _aborted.Token);
    }

    public override PipeReader Input => _inner.Input;

    public override PipeWriter Output { get; }

    public override IPAddress? RemoteAddress => _inner.RemoteAddress;

    public override string RemoteName => _inner.RemoteName;

    public bool CanWriteAtOnce => _link.Passes && _inner.GetAbility<IConnectionProbe>() is not { CanWriteAtOnce: false };

    public bool HasPeerEnded => _inner.GetAbility<IConnectionProbe>() is { HasPeerEnded: true };

    /// <summary>Null, and the connection is aborted, while the link lets none in.</summary>
    public static async ValueTask<ClusterConnection?> TryMakeAsync(ProxyConnection inner, ClusterLink link)
    {
        var connection = new ClusterConnection(inner, link);
        if (link.TryAdd(connection))
        {
            return connection;
        }

        connection.Abort();
        await connection.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    public override T? GetAbility<T>()
        where T : class => base.GetAbility<T>() ?? _inner.GetAbility<T>();

    public override void CloseInOrder()
    {
        if (_link.Passes)
        {
            _inner.CloseInOrder();
        }
        else
        {
            Abort();
        }
    }

    public override void Abort()
    {
        _aborted.Cancel();
        _inner.Abort();
    }

    public override ValueTask DisposeAsync()
    {
        _link.Remove(this);
        _aborted.Cancel();
        return _inner.DisposeAsync();
    }
}
