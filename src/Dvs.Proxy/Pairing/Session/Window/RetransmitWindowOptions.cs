namespace Dvs.Proxy.Pairing.Session.Window;

/// <summary>Limits of a <see cref="RetransmitWindow"/>.</summary>
/// <param name="MaxBytes">Most bytes of frames kept; never exceeded. At least <paramref name="LargestRoom"/>.</param>
/// <param name="MaxFrames">Most frames kept; never exceeded. At least 2.</param>
/// <param name="LargestRoom">Most bytes that the frame writer adds in one turn: what it asks for with <c>GetMemory</c>.</param>
/// <param name="FirstSequence">Sequence of the first frame.</param>
internal readonly record struct RetransmitWindowOptions(long MaxBytes, int MaxFrames, int LargestRoom, ulong FirstSequence = 1);
