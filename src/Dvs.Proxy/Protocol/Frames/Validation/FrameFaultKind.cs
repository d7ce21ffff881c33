namespace Dvs.Proxy.Protocol.Frames.Validation;

/// <summary>What is wrong with a frame.</summary>
public enum FrameFaultKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The connection ended inside a frame.</summary>
    Truncated,

    /// <summary><c>c_cmd</c> is not a command of the format.</summary>
    UnknownCommand,

    /// <summary><c>c_len</c> is negative or beyond the limit.</summary>
    LengthOutOfRange,

    /// <summary><c>c_flags</c> has bits that are unknown, or not allowed here.</summary>
    FlagsNotAllowed,

    /// <summary><c>c_snode</c> is not the peer.</summary>
    WrongSourceNode,

    /// <summary><c>c_dnode</c> is not this node.</summary>
    WrongDestinationNode,

    /// <summary>The command has no payload of its own, but <c>c_len</c> is not 0.</summary>
    UnexpectedPayload,

    /// <summary>A data command's payload is not as long as <c>c_vcopy.v_bytes</c> says.</summary>
    CopyLengthMismatch,

    /// <summary><c>c_batch_nr</c> contradicts the flags, the limit or the length of the payload.</summary>
    BatchCountMismatch,

    /// <summary>A command inside a batch that cannot be batched.</summary>
    NotBatchable,

    /// <summary>The compressed payload is not a valid LZ4 frame.</summary>
    CorruptCompression,

    /// <summary>The compressed payload decodes to more than it should (a bomb, if by much).</summary>
    DecompressedTooLong,

    /// <summary>The compressed payload decodes to less than it should.</summary>
    DecompressedTooShort,

    /// <summary>The header makes no sense in our data model, but does in the other: the peer's <c>abi</c> differs.</summary>
    DataModelMismatch,

    /// <summary>The frame is not the one that its digest was made of: it was damaged on the way.</summary>
    DigestMismatch,

    /// <summary>A frame without a digest, where every frame must have one.</summary>
    DigestMissing,

    /// <summary>The headers of a compact batch cannot be told from their differences.</summary>
    CorruptCompactBatch,
}
