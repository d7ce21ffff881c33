using System.CommandLine;

namespace Dvs.MultiProxyHost.Commands;

/// <summary>How a verb prints its result on standard output.</summary>
internal enum OutputFormat
{
    Text,
    Json,
}

/// <summary>The options that several verbs share.</summary>
internal static class SharedOptions
{
    public static Option<OutputFormat> Format() => new("--format")
    {
        Description = "text for people, json for one document on standard output; logs always go to standard error",
        HelpName = "text|json",
        CustomParser = static result =>
        {
            switch (result.Tokens[0].Value.ToUpperInvariant())
            {
                case "TEXT":
                    return OutputFormat.Text;
                case "JSON":
                    return OutputFormat.Json;
                default:
                    result.AddError($"--format is text or json, not \"{result.Tokens[0].Value}\".");
                    return OutputFormat.Text;
            }
        },
    };

    public static Option<bool> Verbose(string description) => new("--verbose") { Description = description };
}
