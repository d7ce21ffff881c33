namespace Dvs.Proxy.Tool.Streams;

/// <summary>
/// The process's own standard streams. Whatever is written to <see cref="Console.Error"/> or logged goes through one
/// <see cref="LineQueue"/>; what is written to <see cref="Console.Out"/> is written at once, or fails with <see cref="OutputException"/>.
/// </summary>
internal static class HostStreams
{
    // Nobody waits longer than this at the end of the process for a standard error that takes nothing.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(1);

    private static readonly DescriptorStream ErrorStream = new(DescriptorStream.StandardError);

    /// <summary>Lines for standard error.</summary>
    public static LineQueue Errors { get; } = new(ErrorStream);

    /// <summary>Whether what a log says may have colours: for a terminal whose user has nothing against them (no-color.org).</summary>
    public static bool IsErrorColored { get; } =
        ErrorStream.IsTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>Puts them in the place of the runtime's. First thing in the process.</summary>
    public static void Install()
    {
        if (!DescriptorStream.IsInherited(DescriptorStream.StandardInput))
        {
            Console.SetIn(TextReader.Null);
        }

        Console.SetError(new OutputWriter(Errors.Add));
        Console.SetOut(OutputWriter.To(new DescriptorStream(DescriptorStream.StandardOutput)));
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => Drain();
    }

    /// <summary>Gives what was said last a moment to be written.</summary>
    public static void Drain() => Errors.Drain(DrainLimit);
}
