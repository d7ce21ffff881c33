using System.Globalization;
using Dvs.Proxy.Diagnostics;

namespace Dvs.Proxy.Tool.Output;

/// <summary>What a host says of itself: the document of <c>status --format json</c>.</summary>
/// <param name="Proxy">Its proxy.</param>
/// <param name="LogLinesLeftOut">Lines for standard error that nobody will see: nobody read them, or they could not be written.</param>
internal sealed record HostStatus(ProxyStatus Proxy, long LogLinesLeftOut)
{
    /// <inheritdoc/>
    public override string ToString() => LogLinesLeftOut == 0
        ? Proxy.ToString()
        : string.Create(
            CultureInfo.InvariantCulture, $"{Proxy}log: {LogLinesLeftOut} lines were left out: nobody reads the standard error of the "
                + $"host, or it cannot be written\n");
}
