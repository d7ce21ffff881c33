namespace Dvs.Proxy.Device.Kernel.Calls;

/// <summary>
/// Reads what came back from the driver through libc. The raw form used here is one int: the call's non-negative result, or minus errno.
/// libc cannot tell an error from a legitimately negative result: both become -1 with errno set.
/// </summary>
internal static class DvkResult
{
    /// <summary>Highest errno that can stand for the endpoint of a task; errors of the driver proper start above.</summary>
    internal const int HighestTaskErrno = 299;

    /// <summary>0 or a positive result is success; anything else is the DVS error of that number.</summary>
    internal static DvkError ToError(int raw) => raw >= 0 ? DvkError.Ok : (DvkError)raw;

    /// <summary>
    /// Reads the result of a call that returns an endpoint, where the caller knows which endpoint it asked for. A negative endpoint is
    /// the number of a task and comes back unchanged, so any other negative result is an error, also one below 300 (EFAULT, EINTR, EDVSTIMEDOUT).
    /// </summary>
    internal static DvkError ToEndpoint(int raw, int requested, out int endpoint)
    {
        if (raw >= 0 || raw == requested)
        {
            endpoint = raw;
            return DvkError.Ok;
        }

        endpoint = 0;
        return (DvkError)raw;
    }

    /// <summary>
    /// Reads the result of a call that returns an endpoint nobody knew before. Errno up to the number of tasks is the endpoint of a task;
    /// between that and 299 no task exists, so it is an error (EDVSTIMEDOUT is 61, and there are 35 tasks by default).
    /// </summary>
    /// <param name="raw">Result, or minus errno.</param>
    /// <param name="taskCount">Tasks of the DVS; 299 where not known.</param>
    /// <param name="endpoint">The endpoint.</param>
    internal static DvkError ToUnknownEndpoint(int raw, int taskCount, out int endpoint)
    {
        if (raw >= -Math.Min(taskCount, HighestTaskErrno))
        {
            endpoint = raw;
            return DvkError.Ok;
        }

        endpoint = 0;
        return (DvkError)raw;
    }

    /// <summary>
    /// Reads the result of getdvsinfo: the local node id. A driver that is not initialised answers EDVSDVSINIT, or its node id of -1,
    /// which libc makes errno 1.
    /// </summary>
    internal static DvkError ToNodeId(int raw, out int nodeId)
    {
        nodeId = raw >= 0 ? raw : -1;
        return raw switch
        {
            >= 0 => DvkError.Ok,
            -1 => DvkError.DvsNotInitialised,
            _ => (DvkError)raw,
        };
    }
}
