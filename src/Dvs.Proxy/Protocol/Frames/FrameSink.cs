namespace Dvs.Proxy.Protocol.Frames;

/// <summary>
/// Where a <see cref="FrameWriter"/> puts its frames, and who numbers them. It gives out room; each <see cref="Append"/> makes the next bytes of
/// the room a frame. Frames follow each other in one room for as long as there is enough of it. For one thread at a time, as the writer.
/// </summary>
internal abstract class FrameSink(ulong firstNumber)
{
    /// <summary>Number of the next frame, 64 bits wide in either data model.</summary>
    public ulong NextNumber { get; protected set; } = firstNumber;

    /// <summary>True where a frame is kept until its number is acknowledged: a frame without a number cannot be taken.</summary>
    public abstract bool KeepsFrames { get; }

    /// <summary>Gives out room right behind what was appended. It is the writer's until <see cref="ReleaseRoom"/>.</summary>
    /// <param name="bytes">Least length of the room.</param>
    public abstract Memory<byte> GetRoom(int bytes);

    /// <summary>The next bytes of the room are one frame.</summary>
    /// <param name="length">Bytes of the frame.</param>
    /// <param name="commands">Commands in it.</param>
    /// <param name="isNumbered">False for a control message that takes no number.</param>
    public abstract void Append(int length, int commands, bool isNumbered);

    /// <summary>The rest of the room is not going to be written to: what was appended is in the output.</summary>
    public abstract void ReleaseRoom();

    /// <summary>The output is gone, and with it what was appended since the last <see cref="ReleaseRoom"/>.</summary>
    public abstract void Abandon();
}
