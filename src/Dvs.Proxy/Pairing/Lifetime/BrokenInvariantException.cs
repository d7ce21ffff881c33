using System.Diagnostics.CodeAnalysis;

namespace Dvs.Proxy.Pairing.Lifetime;

/// <summary>
/// The state of a pair contradicts itself: a fault of this library, after which going on might deliver twice or never. The one exception
/// that ends a pair; any other ends its connection.
/// </summary>
internal sealed class BrokenInvariantException(string message) : InvalidOperationException(message)
{
    /// <summary>Checks a rule that the code relies on; for paths that are not taken once per command.</summary>
    /// <exception cref="BrokenInvariantException">It does not hold.</exception>
    public static void ThrowUnless([DoesNotReturnIf(false)] bool holds, string rule)
    {
        if (!holds)
        {
            throw new BrokenInvariantException($"Broken rule: {rule}");
        }
    }
}
