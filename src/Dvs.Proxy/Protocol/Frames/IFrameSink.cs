using System.Buffers;

namespace Dvs.Proxy.Protocol.Frames;

/// <summary>
/// An output that keeps frames and must know where one ends: each comes by <see cref="Append"/> instead of
/// <see cref="IBufferWriter{T}.Advance"/>. A second frame may follow in the same memory, right behind the first.
/// </summary>
internal interface IFrameSink : IBufferWriter<byte>
{
    /// <summary>The next bytes of the memory that was given out are one frame.</summary>
    /// <param name="length">Bytes of the frame.</param>
    /// <param name="sequence">Its number: one more than the last.</param>
    /// <param name="commands">Commands in it.</param>
    void Append(int length, ulong sequence, int commands);

    /// <summary>The memory that was given out and is not committed, if any, is not going to be written to. Until then, and across commits, it is
    /// the frame writer's.</summary>
    void ReleaseRoom();
}
