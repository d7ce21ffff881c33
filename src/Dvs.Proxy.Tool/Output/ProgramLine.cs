namespace Dvs.Proxy.Tool.Output;

/// <summary>This program and its files as somebody types them in the folder that he is in. Behaviour: ProgramLineTests.</summary>
internal static class ProgramLine
{
    private const string CommandName = "dvs-proxy";

    /// <summary>The command dvs-proxy: its name where the shell finds it by that, otherwise its path.</summary>
    public static string Program { get; } = Of(
        Environment.ProcessPath ?? CommandName, Path.Combine(AppContext.BaseDirectory, CommandName), Environment.GetEnvironmentVariable("PATH") ?? "");

    /// <summary>A file: its path from the current folder where that is the shorter one, quoted where a shell needs it.</summary>
    public static string Argument(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        var shorter = relative.Length < path.Length ? relative : path;
        return shorter.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '.' or '-' or '_' or '+')
            ? shorter
            : $"'{shorter.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    /// <param name="process">The program that runs: the command itself, one that hands to it what it does not do itself, or dotnet.</param>
    /// <param name="command">The command beside the assembly that runs, where there is one.</param>
    /// <param name="searchPath">Where the shell looks.</param>
    internal static string Of(string process, string command, string searchPath)
    {
        if (searchPath.Split(Path.PathSeparator).Contains(Path.GetDirectoryName(process)) && Path.GetFileName(process) == CommandName)
        {
            return CommandName;
        }

        var path = File.Exists(command) ? command : process;
        var argument = Argument(path);

        // A shell takes a name without a slash for one to look up.
        return argument.Contains('/', StringComparison.Ordinal) ? argument : $"./{argument}";
    }
}
