namespace Dvs.Proxy.Device.Kernel;

/// <summary>The kernel driver cannot be used at all. The message says why and what to do.</summary>
public sealed class DvkUnavailableException : DvkException
{
    /// <summary>The driver cannot be used.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="error">What the system or the driver answered.</param>
    /// <param name="attempted">What was tried: <c>open /dev/dvk</c>.</param>
    /// <param name="advice">What it means and what to do; full sentences.</param>
    public DvkUnavailableException(DvkUnavailableReason reason, DvkError error, string attempted, string advice)
        : base(error, attempted, advice)
    {
        Reason = reason;
    }

    /// <summary>Why.</summary>
    public DvkUnavailableReason Reason { get; }
}
