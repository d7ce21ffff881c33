using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Dvs.Proxy.Tests.Pairing.Session.Simulation;

/// <summary>What an exploration has seen.</summary>
internal sealed record ExplorationResult(int States, long Transitions, int Depth, bool IsComplete, string? Violation);

/// <summary>
/// Visits every state that a <see cref="SessionModel"/> can reach, breadth first, so that a violation comes with a shortest way to it. A
/// state that was seen before is not visited again. The model cannot be copied: a state is reached by doing its events again from the
/// start.
/// </summary>
internal sealed class SessionExplorer(ModelBounds bounds)
{
    private static readonly ModelEvent[] Events = Enum.GetValues<ModelEvent>();

    private readonly HashSet<UInt128> _seen = [];
    private List<State> _next = [];
    private long _transitions;

    private sealed record State(ModelEvent[] Path, ModelEvent[] Possible);

    public ExplorationResult Explore(int maxStates)
    {
        Visit([]);
        var depth = 0;
        while (_next.Count > 0 && _seen.Count < maxStates)
        {
            depth++;
            var level = _next;
            _next = [];
            foreach (var state in level)
            {
                foreach (var what in state.Possible)
                {
                    _transitions++;
                    if (Visit([.. state.Path, what]) is { } violation)
                    {
                        return new ExplorationResult(_seen.Count, _transitions, depth, false, violation);
                    }
                }
            }
        }

        return new ExplorationResult(_seen.Count, _transitions, depth, _next.Count == 0, null);
    }

    private string? Visit(ModelEvent[] path)
    {
        using var model = new SessionModel(bounds);
        try
        {
            foreach (var what in path)
            {
                model.Do(what);
            }

            if (_seen.Add(Hash(model.Describe())))
            {
                _next.Add(new State(path, Array.FindAll(Events, model.Can)));
                model.Heal();
            }

            return null;
        }
        catch (ModelViolationException violation)
        {
            return $"{violation.Message} after {string.Join(", ", path)}; now {model.Describe()}";
        }
    }

    private static UInt128 Hash(string state)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(state.AsSpan()), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
