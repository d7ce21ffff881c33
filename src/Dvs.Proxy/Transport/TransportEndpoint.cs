namespace Dvs.Proxy.Transport;

/// <summary>An address as the configuration names it: a host and a port, or a path. A value, for any thread.</summary>
/// <param name="Host">Host name or address; null for any local one, or with a <see cref="Path"/>.</param>
/// <param name="Port">Port, 0..65,535; 0 lets the system choose where one listens, and stands beside a <see cref="Path"/>.</param>
public readonly record struct TransportEndpoint(string? Host, int Port)
{
    /// <summary>An address that is a path instead of a host and a port; null where it is none. What a path means is the transport's to say:
    /// <see cref="Unix.UnixSocketTransport"/> takes a file name, or an abstract name after <c>@</c>.</summary>
    public string? Path { get; init; }

    /// <summary>An address that is a path.</summary>
    public static TransportEndpoint AtPath(string path) => new(null, 0) { Path = path };

    /// <inheritdoc/>
    public override string ToString() =>
        Path ?? (Host is null ? $"*:{Port}" : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}");
}
