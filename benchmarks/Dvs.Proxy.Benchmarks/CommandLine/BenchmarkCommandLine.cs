using System.CommandLine;
using System.CommandLine.Parsing;
using BenchmarkDotNet.Running;

namespace Dvs.Proxy.Benchmarks.CommandLine;

/// <summary>The verbs, put together. What begins with none of them is for BenchmarkDotNet.</summary>
internal static class BenchmarkCommandLine
{
    /// <summary>How this program is started, for messages and reports.</summary>
    public const string Program = "dotnet run -c Release --project benchmarks/Dvs.Proxy.Benchmarks --";

    private const int NotUnderstood = 2;

    /// <summary>Options of BenchmarkDotNet with which nothing is to run.</summary>
    private static readonly string[] OnlyTell = ["--list", "--help", "--version", "--info"];

    public static async Task<int> InvokeAsync(string[] arguments)
    {
        var root = Create();
        if (arguments.Length == 0 || !IsOurs(root, arguments[0]))
        {
            return RunSwitcher(arguments);
        }

        // An argument that begins with @ is one like any other.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            var verb = parsed.CommandResult.Command is RootCommand ? "" : $"{parsed.CommandResult.Command.Name} ";
            await Console.Error.WriteLineAsync($"Help: {Program} {verb}--help");
            return NotUnderstood;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>The command line as it was given, for a report that is to say how to repeat it.</summary>
    public static string Describe(ParseResult parsed) => $"{Program} {string.Join(' ', parsed.Tokens.Select(static token => token.Value))}";

    private static RootCommand Create()
    {
        var root = new RootCommand(
            $"""
            Measures the library.

            What begins with none of the verbs below goes to BenchmarkDotNet: --filter '*' runs every micro-benchmark in full, --list flat names them,
            --filter '*' --help explains its other options, and without arguments it asks what to run.

            All of it comes behind: {Program}
            """);
        root.Add(QuickCommand.Create());
        root.Add(EndToEndCommand.Create());
        root.Add(CutsCommand.Create());
        root.Add(DriverCommand.Create());
        root.Add(StartUpCommand.Create());
        foreach (var hidden in HiddenCommands.Create())
        {
            root.Add(hidden);
        }

        return root;
    }

    // BenchmarkDotNet says itself what it does not understand, but not to its caller.
    private static int RunSwitcher(string[] arguments)
    {
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(BenchmarkCommandLine).Assembly).Run(arguments);
        return summaries.Any() || arguments.Intersect(OnlyTell).Any() ? 0 : NotUnderstood;
    }

    // Whatever is meant for BenchmarkDotNet begins with an option.
    private static bool IsOurs(RootCommand root, string word) =>
        !word.StartsWith('-')
        || root.Subcommands.Any(command => command.Name == word) || root.Options.Any(option => option.Name == word || option.Aliases.Contains(word));
}
