namespace Dvs.Proxy.Device;

/// <summary>
/// The driver refused a call that sets something up. The message says with which code, what was tried and, where that is known, what to do
/// about it.
/// </summary>
public class DvkException : Exception
{
    /// <summary>A refusal of <paramref name="attempted"/> with <paramref name="error"/>.</summary>
    /// <param name="error">What the driver answered.</param>
    /// <param name="attempted">What was tried, with its arguments: <c>add node 1 to DC 0</c>.</param>
    /// <param name="advice">What the user can do about it; a full sentence, or null.</param>
    public DvkException(DvkError error, string attempted, string? advice = null)
        : base(advice is null
            ? $"Could not {attempted}: {error.Describe()}."
            : $"Could not {attempted}: {error.Describe()}. {advice}")
    {
        Error = error;
        Attempted = attempted;
        Advice = advice;
    }

    /// <summary>What the driver answered.</summary>
    public DvkError Error { get; }

    /// <summary>What was tried, with its arguments.</summary>
    public string Attempted { get; }

    /// <summary>What the user can do about it, or null.</summary>
    public string? Advice { get; }

    /// <summary>Throws unless <paramref name="error"/> is <see cref="DvkError.Ok"/> or positive.</summary>
    /// <exception cref="DvkException">The driver refused.</exception>
    public static void ThrowIfFailed(DvkError error, string attempted)
    {
        if (error < DvkError.Ok)
        {
            throw new DvkException(error, attempted);
        }
    }
}
