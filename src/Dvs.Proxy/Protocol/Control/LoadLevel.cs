namespace Dvs.Proxy.Protocol.Control;

/// <summary>Class of a node's CPU use.</summary>
internal enum LoadLevel
{
    /// <summary>Below the low-water mark.</summary>
    Idle = 0,

    /// <summary>Between the marks.</summary>
    Busy = 1,

    /// <summary>At or above the high-water mark.</summary>
    Saturated = 2,
}
