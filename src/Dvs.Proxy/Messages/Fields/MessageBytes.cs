using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages.Fields;

/// <summary>A char array inside a <see cref="Message"/> form: up to 32 bytes by value, with their number.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct MessageBytes : IEquatable<MessageBytes>
{
    /// <summary>Most bytes held.</summary>
    public const int Capacity = 32;

    private readonly ulong _word0;
    private readonly ulong _word1;
    private readonly ulong _word2;
    private readonly ulong _word3;
    private readonly int _length;

    /// <summary>Holds a copy of <paramref name="bytes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than <see cref="Capacity"/> bytes.</exception>
    public MessageBytes(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, Capacity, nameof(bytes));
        _length = bytes.Length;
        Span<ulong> words = stackalloc ulong[Capacity / sizeof(ulong)];
        words.Clear();
        bytes.CopyTo(MemoryMarshal.AsBytes(words));
        (_word0, _word1, _word2, _word3) = (words[0], words[1], words[2], words[3]);
    }

    /// <summary>Holds <paramref name="text"/> as C holds a string in <c>char[<paramref name="size"/>]</c>: UTF-8, cut to leave room for the
    /// closing NUL.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is not 1..<see cref="Capacity"/>.</exception>
    public static MessageBytes FromText(string text, int size)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Capacity);
        Span<byte> bytes = stackalloc byte[Capacity];
        bytes.Clear();
        Utf8.FromUtf16(text, bytes[..(size - 1)], out _, out _);
        return new MessageBytes(bytes[..size]);
    }

    /// <summary>Number of bytes.</summary>
    public int Length => _length;

    /// <summary>The bytes.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Span =>
        MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in _word0, Capacity / sizeof(ulong)))[.._length];

    /// <summary>The text up to the first NUL, or all of it.</summary>
    public override string ToString()
    {
        var end = Span.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? Span : Span[..end]);
    }

    /// <inheritdoc/>
    public bool Equals(MessageBytes other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MessageBytes other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_word0, _word1, _word2, _word3, _length);

    /// <summary>Equality of number and bytes.</summary>
    public static bool operator ==(MessageBytes left, MessageBytes right) => left.Equals(right);

    /// <summary>Inequality of number or any byte.</summary>
    public static bool operator !=(MessageBytes left, MessageBytes right) => !left.Equals(right);
}
