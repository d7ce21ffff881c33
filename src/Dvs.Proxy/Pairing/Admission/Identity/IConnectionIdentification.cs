using System.Buffers;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Admission.Identity;

/// <summary>Finds out whose a connection is. Thread-safe.</summary>
internal interface IConnectionIdentification
{
    /// <summary>Whether what has come so far is enough for <see cref="Identify"/> not to wait for the peer's plain bytes. Never
    /// waits.</summary>
    bool IsEnough(ProxyConnection connection, in ReadOnlySequence<byte> seen);

    /// <summary>Whose a connection may be taken for that has said nothing in its time, as a classic proxy does that has nothing to say;
    /// null where that is not clear. Never waits.</summary>
    IAdmissionCandidate? FindSilent(ProxyConnection connection);

    /// <summary>Blocks until it is clear, or the connection ends.</summary>
    Identification Identify(ProxyConnection connection);
}
