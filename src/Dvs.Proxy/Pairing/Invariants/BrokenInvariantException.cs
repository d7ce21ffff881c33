namespace Dvs.Proxy.Pairing.Invariants;

/// <summary>
/// The state of a pair contradicts itself: a fault of this library, after which going on might deliver twice or never. The one exception
/// that ends a pair; any other ends its connection.
/// </summary>
internal sealed class BrokenInvariantException(string message) : InvalidOperationException(message);
