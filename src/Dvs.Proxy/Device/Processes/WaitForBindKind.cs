namespace Dvs.Proxy.Device.Processes;

/// <summary>What <see cref="IDvkProcessCalls.WaitForBind"/> waits for.</summary>
public enum WaitForBindKind
{
    /// <summary>Until the endpoint is bound.</summary>
    Bind = 0,

    /// <summary>Until the endpoint is unbound.</summary>
    Unbind = 1,
}
