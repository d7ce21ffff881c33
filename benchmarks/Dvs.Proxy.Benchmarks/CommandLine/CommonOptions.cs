using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Dvs.Proxy.Benchmarks.CommandLine;

/// <summary>Options that several verbs have, and what may be given to them.</summary>
internal static class CommonOptions
{
    public static Option<string?> Json() => new("--json") { Description = "writes everything that was found into this file (default: none)", HelpName = "FILE" };

    /// <summary>A number of at least 1, or above 0 where it has fractions; null when it is not given.</summary>
    public static Option<T?> Number<T>(string name, string description, string unit, bool orZero = false)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = unit,
            CustomParser = result =>
            {
                if (T.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && (value > T.Zero || (orZero && T.IsZero(value))))
                {
                    return value;
                }

                result.AddError($"{name}: '{result.Tokens[0].Value}' is no {(value is double ? "" : "whole ")}number {(orZero ? "from 0 on" : "above 0")}.");
                return null;
            },
        };

    /// <summary>Some of the known names, in upper or lower case, with commas between; null when it is not given.</summary>
    /// <param name="name">Of the option.</param>
    /// <param name="description">Of the option; the names are added to it.</param>
    /// <param name="kind">What a name is of, with its article.</param>
    /// <param name="known">The names.</param>
    public static Option<IReadOnlySet<string>?> Names(string name, string description, string kind, IReadOnlyList<string> known) => new(name)
    {
        Description = $"{description}: {string.Join(", ", known)} (default: all)",
        HelpName = "NAME[,NAME]",
        CustomParser = result =>
        {
            var names = new HashSet<string>();
            foreach (var word in result.Tokens.SelectMany(static token => token.Value.Split(',')))
            {
                if (known.FirstOrDefault(one => one.Equals(word, StringComparison.OrdinalIgnoreCase)) is { } found)
                {
                    names.Add(found);
                }
                else
                {
                    result.AddError($"{name}: '{word}' is not {kind}; there are {string.Join(", ", known)}.");
                }
            }

            return names;
        },
    };

    /// <summary>The path of a file that is there.</summary>
    public static void ExistingFile(OptionResult result)
    {
        if (result.Tokens is [{ } token] && !File.Exists(token.Value))
        {
            result.AddError($"{result.IdentifierToken?.Value}: there is no file {token.Value}.");
        }
    }
}
