namespace Dvs.Proxy.Fuzz.Engine;

/// <summary>An input in the making: bytes that grow and shrink without allocation, up to a capacity. What does not fit is cut off.</summary>
public sealed class MutableInput(int capacity)
{
    private readonly byte[] _bytes = new byte[capacity];

    /// <summary>Bytes in use.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes in use, writable.</summary>
    public Span<byte> Span => _bytes.AsSpan(0, Length);

    /// <summary>Replaces everything.</summary>
    public void Set(ReadOnlySpan<byte> bytes)
    {
        Length = Math.Min(bytes.Length, _bytes.Length);
        bytes[..Length].CopyTo(_bytes);
    }

    /// <summary>Forgets all from <paramref name="length"/> on.</summary>
    public void Truncate(int length) => Length = Math.Min(Length, length);

    /// <summary>Takes bytes out.</summary>
    public void Remove(int position, int count)
    {
        count = Math.Min(count, Length - position);
        _bytes.AsSpan(position + count, Length - position - count).CopyTo(_bytes.AsSpan(position));
        Length -= count;
    }

    /// <summary>Makes room.</summary>
    /// <returns>The room, with what happened to be there; shorter than asked for at the end of the capacity.</returns>
    public Span<byte> Open(int position, int count)
    {
        count = Math.Min(count, _bytes.Length - position);
        var tail = Math.Min(Length - position, _bytes.Length - position - count);
        _bytes.AsSpan(position, tail).CopyTo(_bytes.AsSpan(position + count));
        Length = position + count + tail;
        return _bytes.AsSpan(position, count);
    }

    /// <summary>Puts bytes in. They must not be part of this input.</summary>
    public void Insert(int position, ReadOnlySpan<byte> bytes)
    {
        var room = Open(position, bytes.Length);
        bytes[..room.Length].CopyTo(room);
    }
}
