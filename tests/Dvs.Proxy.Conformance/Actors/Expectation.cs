using Dvs.Proxy.Conformance.Traces;

namespace Dvs.Proxy.Conformance.Actors;

/// <summary>What the trace says of a call that is about to be made.</summary>
internal enum Expectation
{
    /// <summary>It returns.</summary>
    Returns,

    /// <summary>It does not return.</summary>
    Blocks,

    /// <summary>Nothing.</summary>
    Unknown,
}

internal static class Expectations
{
    public static Expectation Of(TraceStep? step) => step switch
    {
        null or { Result: TraceStep.Anything } => Expectation.Unknown,
        { IsBlocked: true } => Expectation.Blocks,
        _ => Expectation.Returns,
    };
}
