using System.Globalization;

namespace Dvs.Proxy.Pairing.Control;

/// <summary>A process of this node that others are to know.</summary>
internal readonly record struct AnnouncedProcess(int DcId, int Endpoint, string Name)
{
    /// <summary>What is tried, for an exception.</summary>
    public string Attempted(string where) =>
        string.Create(CultureInfo.InvariantCulture, $"make process '{Name}' (endpoint {Endpoint} of DC {DcId}) known on {where}");
}
