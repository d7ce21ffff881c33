using System.Buffers;

namespace Dvs.Proxy.Tests.Pairing.Session.Simulation;

/// <summary>One way of a simulated connection: bytes in flight.</summary>
internal sealed class ByteFlow
{
    private readonly List<byte> _bytes = [];
    private readonly List<byte> _recorded = [];

    public int Count => _bytes.Count;

    /// <summary>All that was ever written, as whoever listens on the way has it.</summary>
    public byte[] Recorded => [.. _recorded];

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        _recorded.AddRange(bytes);
    }

    public byte[] Take(int count)
    {
        var taken = _bytes.GetRange(0, count).ToArray();
        _bytes.RemoveRange(0, count);
        return taken;
    }

    public void LoseAfter(int count) => _bytes.RemoveRange(count, _bytes.Count - count);
}

/// <summary>A connection between the two: either side may leave it without the other knowing at once.</summary>
internal sealed class SimulatedConnection
{
    public ByteFlow ToReceiver { get; } = new();

    public ByteFlow ToSender { get; } = new();

    public bool SenderGone { get; set; }

    /// <summary>What was said on another connection, played by a stranger.</summary>
    public bool IsPlayed { get; init; }

    public bool ReceiverGone { get; set; }

    /// <summary>A connection on which a stranger says what the sender has said on this one.</summary>
    public SimulatedConnection Play()
    {
        var played = new SimulatedConnection { IsPlayed = true, SenderGone = true };
        played.ToReceiver.Write(ToReceiver.Recorded);
        return played;
    }
}

/// <summary>What one side has received and not parsed yet.</summary>
internal sealed class InputBuffer
{
    private byte[] _bytes = [];

    public ReadOnlySequence<byte> Sequence => new(_bytes);

    public void Append(byte[] bytes) => _bytes = [.. _bytes, .. bytes];

    public void Keep(ReadOnlySequence<byte> rest) => _bytes = rest.ToArray();

    public void Clear() => _bytes = [];
}

/// <summary>A pool that knows what is out.</summary>
internal sealed class CountingPool : ArrayPool<byte>
{
    private readonly HashSet<byte[]> _out = [];

    public int Outstanding => _out.Count;

    public override byte[] Rent(int minimumLength)
    {
        var array = Shared.Rent(minimumLength);
        _out.Add(array);
        return array;
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        if (!_out.Remove(array))
        {
            throw new ModelViolationException("memory was returned to the pool twice, or is not the pool's");
        }

        // What is read after it was given back must not look right.
        array.AsSpan().Fill(0xEE);
        Shared.Return(array);
    }
}
