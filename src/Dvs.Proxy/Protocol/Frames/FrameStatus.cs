namespace Dvs.Proxy.Protocol.Frames;

/// <summary>What <see cref="FrameReader.TryRead"/> found at the front of its input.</summary>
public enum FrameStatus
{
    /// <summary>The frame is not all there yet; nothing was consumed.</summary>
    NeedMoreData,

    /// <summary>One whole, valid frame; it was cut off the input.</summary>
    Complete,

    /// <summary>The input is not a frame of the peer; <see cref="FrameReader.Fault"/> says why. The connection is lost.</summary>
    Malformed,
}
