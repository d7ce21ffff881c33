namespace Dvs.MultiProxyHost.Commands;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCode
{
    /// <summary>Everything held.</summary>
    public const int Success = 0;

    /// <summary>A check of the campaign failed.</summary>
    public const int CheckFailed = 1;

    /// <summary>Wrong usage or configuration, or the driver or a peer process cannot be had.</summary>
    public const int CannotRun = 2;

    /// <summary>A signal ended it before it was done, in the way of shells: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
