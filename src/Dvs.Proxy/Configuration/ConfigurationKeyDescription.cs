namespace Dvs.Proxy.Configuration;

/// <summary>A key of the classic configuration file, for help and documentation.</summary>
/// <param name="Section">The section it belongs to: <c>node</c>, <c>proxy</c> or <c>tls</c>.</param>
/// <param name="Name">The key as one writes it; matched without regard to case.</param>
/// <param name="Aliases">Other words for the same key.</param>
/// <param name="Values">What stands behind it: <c>port, 1..65535</c>.</param>
/// <param name="Default">What holds when it is left out.</param>
/// <param name="Description">What it means.</param>
/// <param name="Options">Properties of <see cref="ProxyOptions"/> or <see cref="PeerOptions"/> it sets.</param>
internal sealed record ConfigurationKeyDescription(
    string Section,
    string Name,
    IReadOnlyList<string> Aliases,
    string Values,
    string Default,
    string Description,
    IReadOnlyList<string> Options);
