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
    /// <param name="inCode">What a program does about it: the call to make, without a full stop; or null.</param>
    public DvkException(DvkError error, string attempted, string? advice = null, string? inCode = null)
        : base(Describe(error, attempted, advice) + (inCode is null ? "" : $" In code: {inCode}."))
    {
        Error = error;
        Attempted = attempted;
        Advice = advice;
        InCode = inCode;
    }

    /// <summary>What the driver answered.</summary>
    public DvkError Error { get; }

    /// <summary>What was tried, with its arguments.</summary>
    public string Attempted { get; }

    /// <summary>What the user can do about it, or null.</summary>
    public string? Advice { get; }

    /// <summary>What a program does about it, or null.</summary>
    public string? InCode { get; }

    /// <summary>The message as it is for somebody who operates a node: without what to write in a program.</summary>
    public string OperatorMessage => Describe(Error, Attempted, Advice);

    /// <summary>Throws unless <paramref name="error"/> is <see cref="DvkError.Ok"/> or positive.</summary>
    /// <exception cref="DvkException">The driver refused.</exception>
    public static void ThrowIfFailed(DvkError error, string attempted)
    {
        if (error < DvkError.Ok)
        {
            throw new DvkException(error, attempted);
        }
    }

    private static string Describe(DvkError error, string attempted, string? advice) =>
        $"Could not {attempted}: {error.Describe()}.{(advice is null ? "" : $" {advice}")}";
}
