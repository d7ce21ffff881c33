using System.Diagnostics.CodeAnalysis;

namespace Dvs.Proxy.Pairing.Invariants;

/// <summary>
/// Checks what must hold at all times: which thread owns what, which phase follows which, the order in a window. Off where the proxy runs, on in
/// the tests, which set the switch in their runtime configuration: the explorations then check it at every step. Stateless and thread-safe.
/// Behaviour: InvariantTests.
/// </summary>
internal static class Invariant
{
    /// <summary>Name of the switch (a <c>RuntimeHostConfigurationOption</c>) that turns the checks on.</summary>
    public const string SwitchName = "Dvs.Proxy.CheckInvariants";

    /// <summary>True where invariants are checked. Read once, so that compiled code has no trace of the checks where it is false.</summary>
    [FeatureSwitchDefinition(SwitchName)]
    public static bool AreChecked { get; } = AppContext.TryGetSwitch(SwitchName, out var isOn) && isOn;

    /// <summary>Checks a condition, where checks are on.</summary>
    /// <exception cref="BrokenInvariantException">It does not hold.</exception>
    public static void Require(bool holds, string what)
    {
        if (AreChecked && !holds)
        {
            Fail(what);
        }
    }

    /// <summary>Says that an invariant does not hold.</summary>
    /// <exception cref="BrokenInvariantException">Always.</exception>
    [DoesNotReturn]
    public static void Fail(string what) => throw new BrokenInvariantException(what);
}
