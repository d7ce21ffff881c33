namespace Dvs.Proxy.Device;

/// <summary>The driver's text views for people (classic <c>/proc/dvs</c>). Any thread.</summary>
public interface IDvkViews
{
    /// <summary>Reads a view.</summary>
    /// <param name="name">Path below <c>/proc/dvs</c>: <c>info</c>, <c>nodes</c>, <c>proxies/info</c>, <c>proxies/procs</c>, <c>DC0/info</c>, <c>DC0/procs</c>.</param>
    /// <returns>The text, lines ended by <c>\n</c>.</returns>
    /// <exception cref="DvkException">There is no such view.</exception>
    string ReadView(string name);
}
