namespace Dvs.Proxy.Tests.Faults.Transports;

/// <summary>The connection that faults happen to, seen from one direction.</summary>
internal interface IFaultSink
{
    /// <summary>Passes bytes on, at once. False: the connection takes no more.</summary>
    bool Write(ReadOnlySpan<byte> bytes);

    /// <summary>Lets time pass, or the connection end.</summary>
    void Wait(TimeSpan time);

    /// <summary>Ends this direction in good order.</summary>
    void HalfClose();

    /// <summary>Ends both directions.</summary>
    void Cut();

    /// <summary>Ends both directions and loses what is under way.</summary>
    void Reset();

    /// <summary>Cuts after a while, unless the connection ends before.</summary>
    void CutAfter(TimeSpan time);
}
