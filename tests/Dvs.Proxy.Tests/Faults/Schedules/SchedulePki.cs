using Dvs.Proxy.Configuration;
using Dvs.Proxy.Tests.Transport.Tls;

namespace Dvs.Proxy.Tests.Faults.Schedules;

/// <summary>The certificates of all schedules with TLS, made once per process.</summary>
internal static class SchedulePki
{
    private static readonly Lazy<TlsOptions[]> Nodes = new(static () =>
    {
        var pki = new TestPki();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => pki.Dispose();
        return [TestPki.Options(pki.IssueFiles("node0")), TestPki.Options(pki.IssueFiles("node1"))];
    });

    /// <summary>TLS of a node.</summary>
    public static TlsOptions Options(int nodeId) => Nodes.Value[nodeId];
}
