using System.Globalization;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>Names for Unix-domain sockets that nobody else on this machine has.</summary>
internal static class AbstractName
{
    private static int _last;

    public static TransportEndpoint NewEndpoint() => TransportEndpoint.AtPath($"@{New()}");

    public static string New() => string.Create(CultureInfo.InvariantCulture, $"dvs-test-{Environment.ProcessId}-{Interlocked.Increment(ref _last)}");
}
