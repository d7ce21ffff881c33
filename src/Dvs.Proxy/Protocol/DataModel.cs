namespace Dvs.Proxy.Protocol;

/// <summary>
/// The C data model a cluster's nodes were compiled for. It decides the layout of everything on the wire; all nodes of a
/// cluster share one, and nothing on the wire says which.
/// </summary>
public enum DataModel
{
    /// <summary>64-bit longs and pointers: 168-byte header. The default.</summary>
    Lp64 = 0,

    /// <summary>32-bit longs and pointers: 120-byte header, as the 32-bit C proxies send it.</summary>
    Ilp32 = 1,
}
