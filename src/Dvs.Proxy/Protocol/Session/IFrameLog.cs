using System.Buffers;

namespace Dvs.Proxy.Protocol.Session;

/// <summary>
/// An output that keeps frames and must know where one ends. After the <see cref="IBufferWriter{T}.Advance"/> over a frame comes its
/// <see cref="Commit"/>; a second frame may follow in the same memory, right behind the first.
/// </summary>
internal interface IFrameLog : IBufferWriter<byte>
{
    /// <summary>What was advanced over since the last call is one frame.</summary>
    /// <param name="sequence">Its number: one more than the last.</param>
    /// <param name="commands">Commands in it.</param>
    void Commit(ulong sequence, int commands);

    /// <summary><see cref="IBufferWriter{T}.Advance"/> and <see cref="Commit"/> in one.</summary>
    /// <param name="length">Bytes of the frame.</param>
    /// <param name="sequence">Its number: one more than the last.</param>
    /// <param name="commands">Commands in it.</param>
    void Append(int length, ulong sequence, int commands);

    /// <summary>The memory that was given out and is not committed, if any, is not going to be written to. Until then, and across commits, it is
    /// the frame writer's.</summary>
    void ReleaseRoom();
}
