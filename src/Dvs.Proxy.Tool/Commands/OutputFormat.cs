namespace Dvs.Proxy.Tool.Commands;

/// <summary>How a verb prints its result on standard output.</summary>
internal enum OutputFormat
{
    Text,
    Json,
}
