using System.Runtime.CompilerServices;

namespace Dvs.Proxy.Fuzz.Engine;

/// <summary>A promise that an input broke.</summary>
public sealed class OracleException(string message) : Exception(message);

/// <summary>Checks promises.</summary>
public static class Oracle
{
    /// <summary>Fails unless the condition holds. Costs nothing where it does.</summary>
    /// <exception cref="OracleException">It does not.</exception>
    public static void Require(bool condition, [CallerArgumentExpression(nameof(condition))] string? promise = null)
    {
        if (!condition)
        {
            Fail(promise);
        }
    }

    /// <summary>Fails.</summary>
    /// <exception cref="OracleException">Always.</exception>
    public static void Fail(string? promise) => throw new OracleException($"broken: {promise}");
}
