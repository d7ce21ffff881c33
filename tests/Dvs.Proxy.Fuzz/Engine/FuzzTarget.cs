namespace Dvs.Proxy.Fuzz.Engine;

/// <summary>
/// A piece of the library that takes bytes from strangers, and what must hold whatever they are. Made once per worker, so it may keep
/// scratch memory.
/// </summary>
public abstract class FuzzTarget : IDisposable
{
    /// <summary>The word for <c>--target</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Good inputs, to be damaged.</summary>
    public abstract IReadOnlyList<Seed> Corpus { get; }

    /// <summary>Words worth inserting.</summary>
    public virtual IReadOnlyList<byte[]> Dictionary => [];

    /// <summary>How often each outcome came: shows how deep the inputs get.</summary>
    public abstract IReadOnlyDictionary<string, long> Outcomes { get; }

    /// <summary>
    /// Managed memory that one input may cost, from the limits the target is configured with. Scratch memory that a pool hands out counts
    /// only when it is allocated.
    /// </summary>
    /// <param name="inputLength">Bytes of the input.</param>
    public abstract long AllowedAllocation(int inputLength);

    /// <summary>Feeds one input. Any exception is a failure; <see cref="Oracle"/> throws for broken promises. What an input does must
    /// depend on its bytes alone, or it could not be replayed.</summary>
    public abstract void Run(ReadOnlySpan<byte> input);

    /// <summary>Damages what damage by chance would hardly ever reach, such as a checksum that must fit again. Does nothing by default.</summary>
    public virtual void Refine(MutableInput input, FuzzRandom random)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the target holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>A good input, with the places that matter.</summary>
/// <param name="Bytes">The input.</param>
/// <param name="Fields">Integers in it whose values decide much.</param>
/// <param name="Name">Where it comes from.</param>
public sealed record Seed(byte[] Bytes, IReadOnlyList<Field> Fields, string Name);

/// <summary>A little-endian integer of an input.</summary>
/// <param name="Offset">Its first byte.</param>
/// <param name="Size">4 or 8 bytes.</param>
/// <param name="Kind">What it means.</param>
public readonly record struct Field(int Offset, int Size, FieldKind Kind);

/// <summary>What values of a field are interesting.</summary>
public enum FieldKind
{
    /// <summary>A length or count.</summary>
    Length,

    /// <summary>A set of flags.</summary>
    Flags,

    /// <summary>A command or message type.</summary>
    Code,

    /// <summary>A sequence number or another large counter.</summary>
    Counter,

    /// <summary>Anything else.</summary>
    Other,
}
