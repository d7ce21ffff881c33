using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device;

/// <summary>
/// A DVK: the driver that gives the processes of one node their IPC (classic <c>/dev/dvk</c>). Two stand behind it: <c>KernelDvkDevice</c>, the
/// kernel module by ioctl, and the in-process driver of the package Dvs.Proxy.Emulation. Both pass one contract test suite. See the
/// three parts for thread rules. To change what one of its calls does, derive from <see cref="DelegatingDvkDevice"/>.
/// </summary>
public interface IDvkDevice : IDvkProxyCalls, IDvkAdministrationCalls, IDvkProcessCalls, IDvkViews
{
    /// <summary>
    /// Data model of the processes on this node, in which the body of every <see cref="Message"/> is laid out: pass it to the message forms. Constant. It is
    /// the cluster's, too: a process reads what those of the other nodes wrote.
    /// </summary>
    DataModel DataModel { get; }
}
