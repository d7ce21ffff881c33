namespace Dvs.Proxy.Tests.Pairing.Session;

/// <summary>What an exploration has seen.</summary>
internal sealed record ExplorationResult(int States, long Transitions, int Depth, bool IsComplete, string? Violation);

/// <summary>
/// Visits every state that a <see cref="SessionModel"/> can reach, breadth first, up to a depth. A state that was seen before is not
/// visited again. The model cannot be copied, so a state is reached by doing its events again from the start.
/// </summary>
internal static class SessionExplorer
{
    private static readonly ModelEvent[] Events = Enum.GetValues<ModelEvent>();

    public static ExplorationResult Explore(ModelBounds bounds, int maxDepth, int maxStates = int.MaxValue)
    {
        var seen = new HashSet<UInt128>();
        var level = new List<ModelEvent[]> { Array.Empty<ModelEvent>() };
        var transitions = 0L;
        var depth = 0;
        while (level.Count > 0 && depth < maxDepth)
        {
            depth++;
            var next = new List<ModelEvent[]>();
            foreach (var path in level)
            {
                foreach (var what in Events)
                {
                    var violation = Try(bounds, path, what, seen, ref transitions, next);
                    if (violation is not null)
                    {
                        return new ExplorationResult(seen.Count, transitions, depth, false, violation);
                    }

                    if (seen.Count >= maxStates)
                    {
                        return new ExplorationResult(seen.Count, transitions, depth, false, null);
                    }
                }
            }

            level = next;
        }

        return new ExplorationResult(seen.Count, transitions, depth, level.Count == 0, null);
    }

    private static string? Try(
        ModelBounds bounds, ModelEvent[] path, ModelEvent what, HashSet<UInt128> seen, ref long transitions, List<ModelEvent[]> next)
    {
        using var model = new SessionModel(bounds);
        try
        {
            foreach (var past in path)
            {
                model.Do(past);
            }

            if (!model.Can(what))
            {
                return null;
            }

            transitions++;
            model.Do(what);
            if (!seen.Add(Hash(model.Describe())))
            {
                return null;
            }

            next.Add([.. path, what]);
            model.Heal();
            return null;
        }
        catch (ModelViolationException violation)
        {
            return $"{violation.Message} after {string.Join(", ", [.. path, what])}; now {model.Describe()}";
        }
    }

    private static UInt128 Hash(string state)
    {
        Span<byte> hash = stackalloc byte[System.Security.Cryptography.SHA256.HashSizeInBytes];
        System.Security.Cryptography.SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(state.AsSpan()), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
