namespace FileTransfer.Transfers;

/// <summary>
/// What a client and the server say to each other. Control goes by request and reply, data by copies that the server asks for: a client may be a user process,
/// which the driver lets make requests and nothing else, while a copy is for a system process to ask for. It moves bytes from and to the client's buffer
/// while the client is blocked in its request.
/// </summary>
/// <remarks>
/// <para>A client opens a file (<see cref="Get"/> or <see cref="Put"/>), moves it block by block (<see cref="Block"/>), and ends with an MD5
/// (<see cref="End"/>). Opening again at any time is allowed, and that is all there is to resuming: the answers say where to go on.</para>
/// <para>A client that gave up waiting may get the late answer in place of the next one. So each request has a number, which its answer repeats.</para>
/// </remarks>
internal static class FileProtocol
{
    /// <summary>Appended to the name of a file that is not whole yet, on either side.</summary>
    public const string PartSuffix = ".part";

    /// <summary>Most bytes of a file that one request moves: as many as a proxy carries in one piece.</summary>
    public const int BlockLength = 64 * 1024;

    /// <summary>Bytes for text: the file's name on the way there, the reason of a refusal on the way back.</summary>
    public const int TextLength = 1024;

    /// <summary>Bytes of a client's buffer: a block, then the text. They are apart so that a block that comes late spoils no name.</summary>
    public const int BufferLength = BlockLength + TextLength;

    /// <summary>Opens a file to get it. M2: I1 number, I2 bytes of the name, P1 address of the client's buffer. Answer: L1 is its length.</summary>
    public const int Get = 1;

    /// <summary>Opens a file to put it. M2 as <see cref="Get"/>, and L1 is its length. Answer: L1 is how much of it is there already.</summary>
    public const int Put = 2;

    /// <summary>Moves bytes of the open file. M2: I1 number, I2 bytes, L1 offset.</summary>
    public const int Block = 3;

    /// <summary>Ends the open file. MB: Nr number, Md5 that of the whole file as the client has it. Refused where the server's is another.</summary>
    public const int End = 4;

    /// <summary>Answer: it is done. M2: I1 number, L1 what the request asks for.</summary>
    public const int Done = 0;

    /// <summary>Answer: open the file again. The server was started anew, or could not reach the client's buffer. M2: I1 number.</summary>
    public const int OpenAgain = -1;

    /// <summary>Answer: no, and the client's buffer says why. M2: I1 number, I2 bytes of the text.</summary>
    public const int Refused = -2;
}
