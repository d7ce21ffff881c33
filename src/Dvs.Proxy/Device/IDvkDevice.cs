using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;

namespace Dvs.Proxy.Device;

/// <summary>
/// A DVK: the driver that gives the processes of one node their IPC (classic <c>/dev/dvk</c>). Two stand behind it: <c>KernelDvkDevice</c>, the
/// kernel module by ioctl, and the in-process driver of the package Dvs.Proxy.Emulation. Both pass one contract test suite. See the
/// three parts for thread rules.
/// </summary>
public interface IDvkDevice : IDvkProxyCalls, IDvkAdministrationCalls, IDvkProcessCalls, IDvkViews
{
}
