using Dvs.Proxy.Transport.Abilities;

namespace Dvs.Proxy.Tests.Transport;

/// <summary>What connections of the transports can do.</summary>
internal static class TransportAbilities
{
    /// <summary>All that there are.</summary>
    public static IReadOnlyCollection<Type> All { get; } = [typeof(ITimedReads), typeof(IPolledReads), typeof(IInterruptibleReads), typeof(IConnectionProbe)];

    /// <summary>What sockets can on this system.</summary>
    public static IReadOnlyCollection<Type> OfSockets { get; } = OperatingSystem.IsLinux() ? All : [.. All.Where(static each => each != typeof(IPolledReads))];

    /// <summary>What is left of them behind a layer that holds bytes back.</summary>
    public static IReadOnlyCollection<Type> OverTls { get; } = [typeof(IInterruptibleReads), typeof(IConnectionProbe)];
}
