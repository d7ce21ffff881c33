namespace Dvs.Proxy.Device.Administration;

/// <summary>
/// The driver's text views for people (classic <c>/proc/dvs</c>). Any thread. The kernel driver has one read position per view for everybody: who reads one
/// while another process does gets parts of it. As published it does not return from the views of <c>proxies</c> once a process with bound proxies died.
/// </summary>
public interface IDvkViews
{
    /// <summary>Reads a view.</summary>
    /// <param name="name">Path below <c>/proc/dvs</c>: <c>info</c>, <c>nodes</c>, <c>proxies/info</c>, <c>proxies/procs</c>,
    /// <c>proxies/ipcto</c>, <c>proxies/dvkcalls</c>, <c>DC0/info</c>, <c>DC0/procs</c>, <c>DC0/stats</c>, <c>DC0/ipcto</c>, <c>DC0/dvkcalls</c>.</param>
    /// <returns>The text, lines ended by <c>\n</c>.</returns>
    /// <exception cref="DvkException">There is no such view.</exception>
    string ReadView(string name);
}
