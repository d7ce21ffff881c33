namespace Dvs.Proxy.Conformance.Traces;

/// <summary>One line of a trace: a call and what came of it.</summary>
/// <param name="Number">Its place in the section, from 1.</param>
/// <param name="Call">Who called what: <c>[p3] send(4,11,-1)</c>; without a name it is the main thread.</param>
/// <param name="Result">What came of it. Texts of several lines begin with a line feed.</param>
internal sealed record TraceStep(int Number, string Call, string Result)
{
    /// <summary>The call had not returned when the next one was made.</summary>
    public const string Blocked = "BLOCKED";

    /// <summary>A call that was blocked before had still not returned.</summary>
    public const string StillBlocked = "STILL BLOCKED";

    /// <summary>Nothing happened that has a result.</summary>
    public const string Nothing = "-";

    /// <summary>A thread that was told to end was held in the driver.</summary>
    public const string DidNotEnd = "DID NOT END";

    /// <summary>In a line written by hand: what came of it is not known.</summary>
    public const string Anything = "*";

    /// <summary>Whether the thread was not expected back.</summary>
    public bool IsBlocked => Result is Blocked or StillBlocked or DidNotEnd;

    /// <summary>The line without its number.</summary>
    public override string ToString() => $"{Call} -> {Result}";
}
