
namespace Dvs.Proxy.Conformance.Traffic;

/// <summary>What a client asks a server for; the type of its messages.</summary>
internal enum TrafficKind
{
    /// <summary>A sendrec whose two numbers come back.</summary>
    Echo = 1,

    /// <summary>The server copies from the client.</summary>
    Pull = 2,

    /// <summary>The server copies to the client.</summary>
    Push = 3,

    /// <summary>A send.</summary>
    Send = 7,

    /// <summary>A notify.</summary>
    Notify = 8,

    /// <summary>The server ends, and says how many messages it has had.</summary>
    End = 9,
}
