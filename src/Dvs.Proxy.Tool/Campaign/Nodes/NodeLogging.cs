using Dvs.Proxy.Tool.Streams;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Tool.Campaign.Nodes;

/// <summary>A node's log: standard error, warnings and worse; while the peer is meant to come or go only errors.</summary>
internal sealed class NodeLogging : IDisposable
{
    private volatile bool _isPeerComingOrGoing;

    public NodeLogging(bool verbose) => Factory = LoggerFactory.Create(builder => builder
        .SetMinimumLevel(LogLevel.Trace)
        .AddFilter((_, level) => level >= (verbose ? LogLevel.Debug : _isPeerComingOrGoing ? LogLevel.Error : LogLevel.Warning))
        .AddProvider(new LineLoggerProvider(HostStreams.Errors.Add, HostStreams.IsErrorColored)));

    public ILoggerFactory Factory { get; }

    public bool IsPeerComingOrGoing
    {
        get => _isPeerComingOrGoing;
        set => _isPeerComingOrGoing = value;
    }

    public void Dispose() => Factory.Dispose();
}
