namespace Dvs.Proxy.Protocol;

/// <summary>Endpoints with a meaning of their own.</summary>
public static class WellKnownEndpoint
{
    /// <summary>Any source (<c>ANY</c>): receive from whoever sends.</summary>
    public const int Any = 0x7ace;

    /// <summary>No process (<c>NONE</c>); printed as 27342 in the driver's views.</summary>
    public const int None = 0x6ace;

    /// <summary>The calling process (<c>SELF</c>).</summary>
    public const int Self = 0x8ace;
}
