namespace Dvs.Proxy.Configuration;

/// <summary>How bad a <see cref="ConfigurationDiagnostic"/> is.</summary>
public enum ConfigurationSeverity
{
    /// <summary>The proxy can start; something may not be what its operator meant.</summary>
    Warning = 0,

    /// <summary>The proxy refuses to start.</summary>
    Error = 1,
}
