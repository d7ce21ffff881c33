using System.Globalization;
using System.Text;
using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Device.Processes;

/// <summary>
/// Who is who in a DC, as one node's driver knows it: looks processes up, and makes those of other nodes known. Any thread. Behaviour:
/// DvkProcessDirectoryTests.
/// </summary>
public static class DvkProcessDirectory
{
    /// <summary>Bytes of a name that the driver keeps.</summary>
    private const int KeptBytes = 15;

    /// <summary>Bytes of a name that a proxy carries to another node (RMTBIND).</summary>
    private const int CarriedBytes = 13;

    /// <summary>
    /// Makes a process of another node known on this node (a remote bind), so that processes of this node reach it. Its own node's proxy does the same on all
    /// others with <see cref="Pairing.MultiNodeProxy.AnnounceAsync(DvkProcessHandle)"/>.
    /// </summary>
    /// <param name="device">The driver of this node.</param>
    /// <param name="dcId">The DC, which runs here and extends to the other node.</param>
    /// <param name="endpoint">The process's endpoint, the same on every node.</param>
    /// <param name="nodeId">Where it lives.</param>
    /// <param name="name">Its name here, of which the driver keeps at most 15 bytes; not empty.</param>
    /// <exception cref="DvkException">The driver refused; the advice says what has to come first: the DC, the node's proxy, the node in the DC.</exception>
    public static void BindRemote(this IDvkProxyCalls device, int dcId, int endpoint, int nodeId, string name)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var error = device.TryBind(BindRequest.Remote(dcId, endpoint, nodeId, name), out _);
        if (error < DvkError.Ok)
        {
            var attempted = string.Create(
                CultureInfo.InvariantCulture, $"make process '{name}' of node {nodeId} known here as endpoint {endpoint} of DC {dcId}");
            throw DvkAdvice.Refusal(DvkCall.Bind, error, attempted, nodeId: nodeId, dcId: dcId);
        }
    }

    /// <summary>The processes of a DC that this node knows, its own and remote ones, by number.</summary>
    /// <param name="device">The driver of this node.</param>
    /// <param name="dcId">The DC.</param>
    /// <exception cref="DvkException">Bad id, or the DC does not run here.</exception>
    public static IReadOnlyList<ProcessInfo> ListProcesses(this IDvkProxyCalls device, int dcId)
    {
        ArgumentNullException.ThrowIfNull(device);
        var dc = device.GetDcInfo(dcId);
        if (!dc.IsRunning)
        {
            throw DvkAdvice.Refusal(
                DvkCall.GetProcessInfo, DvkError.DcNotRunning,
                string.Create(CultureInfo.InvariantCulture, $"read the processes of DC {dcId}"), dcId: dcId);
        }

        List<ProcessInfo> processes = [];
        for (var number = -dc.MaxTasks; number < dc.MaxProcesses; number++)
        {
            var process = device.GetProcessInfo(dcId, number);
            if ((process.Status & ProcessStatus.SlotFree) == 0)
            {
                processes.Add(process);
            }
        }

        return processes;
    }

    /// <summary>
    /// The process of a DC that has a name, of this node or of another one that was made known here; null where there is none. Where several have it, as those
    /// that autobind bound do (<c>rclient</c>), the lowest number counts.
    /// </summary>
    /// <param name="device">The driver of this node.</param>
    /// <param name="dcId">The DC.</param>
    /// <param name="name">The whole name; as much of it counts as the driver can have: 15 bytes, of a process of another node that was announced 13.</param>
    /// <exception cref="DvkException">Bad id, or the DC does not run here.</exception>
    public static ProcessInfo? FindProcess(this IDvkProxyCalls device, int dcId, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var kept = Cut(name, KeptBytes);
        var carried = Cut(name, CarriedBytes);
        foreach (var process in device.ListProcesses(dcId))
        {
            // A thread's name is cut in the middle of a character, where one is not of a single byte.
            if (process.Name.TrimEnd('\uFFFD') == kept || (process.Name == carried && (process.Status & ProcessStatus.Remote) != 0))
            {
                return process;
            }
        }

        return null;
    }

    private static string Cut(string name, int bytes)
    {
        var cut = name.Length;
        while (Encoding.UTF8.GetByteCount(name.AsSpan(0, cut)) > bytes)
        {
            cut--;
        }

        return name[..cut];
    }
}
