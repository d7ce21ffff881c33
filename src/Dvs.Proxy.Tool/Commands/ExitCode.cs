namespace Dvs.Proxy.Tool.Commands;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCode
{
    /// <summary>Everything held.</summary>
    public const int Success = 0;

    /// <summary>A check of the campaign failed.</summary>
    public const int CheckFailed = 1;

    /// <summary>Wrong usage or configuration, or the driver or a peer process cannot be had.</summary>
    public const int CannotRun = 2;

    /// <summary>Standard output could not be written: it is closed, or its disk is full. What the verb was to do may be done.</summary>
    public const int OutputFailed = 3;

    /// <summary>A fault of the program itself.</summary>
    public const int InternalFault = 4;

    /// <summary>A signal ended it before it was done, in the way of shells: 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>Whoever read standard output went away before all was written, as <c>head</c> does: 128 + SIGPIPE.</summary>
    public const int ReaderGone = 141;
}
