using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dvs.Proxy.Protocol;

/// <summary>
/// A fixed-size IPC message (classic <c>message</c>): who sent it, what it is, and a body whose form (M1..MC) the two processes agree on.
/// In memory it has the LP64 size, 48 bytes. The body is raw: its layout is that of the cluster's <see cref="DataModel"/>, and a proxy
/// never looks into it. Under <see cref="DataModel.Ilp32"/> only its first 28 bytes are used.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 48)]
public struct Message : IEquatable<Message>
{
    /// <summary>Endpoint of the sending process (<c>m_source</c>); the driver fills it in.</summary>
    public int Source;

    /// <summary>Type of the message, or the result in a reply (<c>m_type</c>).</summary>
    public int Type;

    /// <summary>The body (<c>m_u</c>), 40 raw bytes.</summary>
    public MessageBody Body;

    /// <summary>A message of a form, laid out as the processes of a cluster expect it. Bytes of the body that belong to no field are 0.</summary>
    /// <typeparam name="TForm">The form, <see cref="Messages.MessageM1"/> to <see cref="Messages.MessageMC"/>.</typeparam>
    /// <param name="model">Data model of the processes: <see cref="Device.IDvkDevice.DataModel"/>, or
    /// <see cref="Device.Processes.DvkProcess.DataModel"/>.</param>
    /// <param name="type">Type of the message, or the result in a reply.</param>
    /// <param name="form">What the body holds.</param>
    public static Message Create<TForm>(DataModel model, int type, in TForm form)
        where TForm : struct, IMessageForm<TForm>
    {
        var message = new Message { Type = type };
        form.Write(ref message, model);
        return message;
    }

    /// <summary>The body, read as a form. Which one it is, the two processes agree on: the type usually says so.</summary>
    /// <typeparam name="TForm">The form, <see cref="Messages.MessageM1"/> to <see cref="Messages.MessageMC"/>.</typeparam>
    /// <param name="model">Data model of the processes, as in <see cref="Create"/>.</param>
    public readonly TForm Read<TForm>(DataModel model)
        where TForm : struct, IMessageForm<TForm> => TForm.Read(in this, model);

    /// <inheritdoc/>
    public readonly bool Equals(Message other) => Source == other.Source && Type == other.Type && Body.Equals(other.Body);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is Message other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(Source, Type, Body);

    /// <summary>Equality of source, type and all body bytes.</summary>
    public static bool operator ==(Message left, Message right) => left.Equals(right);

    /// <summary>Inequality of source, type or any body byte.</summary>
    public static bool operator !=(Message left, Message right) => !left.Equals(right);
}

/// <summary>The 40 raw bytes of a <see cref="Message"/>'s body.</summary>
[StructLayout(LayoutKind.Sequential, Size = Size)]
public struct MessageBody : IEquatable<MessageBody>
{
    /// <summary>Bytes in the body.</summary>
    public const int Size = 40;

    private ulong _word0;
    private readonly ulong _word1;
    private readonly ulong _word2;
    private readonly ulong _word3;
    private readonly ulong _word4;

    /// <summary>The bytes, writable in place.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public Span<byte> Bytes => MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref _word0, Size / sizeof(ulong)));

    /// <summary>The bytes, for reading.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public readonly ReadOnlySpan<byte> ReadOnlyBytes =>
        MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.AsRef(in _word0), Size / sizeof(ulong)));

    /// <inheritdoc/>
    public readonly bool Equals(MessageBody other) => ReadOnlyBytes.SequenceEqual(other.ReadOnlyBytes);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is MessageBody other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(_word0, _word1, _word2, _word3, _word4);

    /// <summary>Byte-wise equality.</summary>
    public static bool operator ==(MessageBody left, MessageBody right) => left.Equals(right);

    /// <summary>Byte-wise inequality.</summary>
    public static bool operator !=(MessageBody left, MessageBody right) => !left.Equals(right);
}
