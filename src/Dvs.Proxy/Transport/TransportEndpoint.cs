namespace Dvs.Proxy.Transport;

/// <summary>An address as the configuration names it.</summary>
/// <param name="Host">Host name or address; null for any local one.</param>
/// <param name="Port">Port; 0 lets the system choose where one listens.</param>
public readonly record struct TransportEndpoint(string? Host, int Port)
{
    /// <inheritdoc/>
    public override string ToString() => Host is null ? $"*:{Port}" : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
