using System.CommandLine;
using System.CommandLine.Parsing;
using Dvs.Proxy.Device;
using Dvs.Proxy.Tool.Control;

namespace Dvs.Proxy.Tool.Commands;

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

    /// <summary>What the user knows the driver to have mended; null where nothing was said.</summary>
    public static Option<DvkFixes?> DriverFixes() => new("--driver-fixes")
    {
        Description = "faults of the published driver that yours is known not to have, as a list with commas; see docs/driver.md "
            + "(default: none of the kernel's, all of the emulated one's)",
        HelpName = "none|thread-exit|third-party-copy|all",
        CustomParser = static result =>
        {
            var fixes = DvkFixes.None;
            foreach (var word in result.Tokens[0].Value.Split(','))
            {
                switch (word.ToUpperInvariant())
                {
                    case "NONE":
                        break;
                    case "THREAD-EXIT":
                        fixes |= DvkFixes.ThreadExit;
                        break;
                    case "THIRD-PARTY-COPY":
                        fixes |= DvkFixes.ThirdPartyCopy;
                        break;
                    case "ALL":
                        fixes |= DvkFixes.All;
                        break;
                    default:
                        result.AddError($"--driver-fixes is a list of none, thread-exit, third-party-copy and all, with commas; \"{word}\" is none of them.");
                        return null;
                }
            }

            return fixes;
        },
    };

    /// <summary>The name of a file cannot be empty.</summary>
    public static void RefuseEmpty(SymbolResult result)
    {
        if (result.Tokens is [{ Value: "" }])
        {
            result.AddError("The name of the configuration file is empty.");
        }
    }

    /// <summary>A status socket. A path that is too long for one is an error of usage, whether something is there or not.</summary>
    public static Option<string?> Socket(string description)
    {
        var option = new Option<string?>("--socket") { Description = description, HelpName = "PATH" };
        option.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var path }] && StatusSocketPath.FindFault(path) is { } fault)
            {
                result.AddError(fault);
            }
        });
        return option;
    }

    public static Option<bool> Verbose(string description) => new("--verbose") { Description = description };
}
