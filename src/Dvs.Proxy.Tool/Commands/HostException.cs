namespace Dvs.Proxy.Tool.Commands;

/// <summary>Something that the user can put right: the message says what, and goes to the user as it is.</summary>
internal sealed class HostException : Exception
{
    public HostException(string message)
        : base(message)
    {
    }

    public HostException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
