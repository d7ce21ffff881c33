namespace Dvs.Proxy.Configuration;

/// <summary>A configuration has errors. The message holds every error and warning, one per line.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>The configuration with these errors (and perhaps warnings).</summary>
    public ConfigurationException(IReadOnlyList<ConfigurationDiagnostic> diagnostics)
        : base(string.Join('\n', diagnostics)) => Diagnostics = diagnostics;

    /// <summary>A failure that has no place in a configuration.</summary>
    public ConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>A failure with its cause.</summary>
    public ConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A failure of unknown kind.</summary>
    public ConfigurationException()
    {
    }

    /// <summary>Every error and warning, in the order of the file.</summary>
    public IReadOnlyList<ConfigurationDiagnostic> Diagnostics { get; } = [];
}
