using System.Runtime.InteropServices;

namespace Dvs.Proxy.Tool.Streams;

/// <summary>
/// Writes to a stream that the process was started with. Unlike the console's own, it says when it cannot: that nobody reads any more, that the
/// disk is full, that the parent gave it closed.
/// </summary>
internal sealed class DescriptorStream : Stream
{
    public const int StandardInput = 0;
    public const int StandardOutput = 1;
    public const int StandardError = 2;

    private readonly int _descriptor;
    private readonly bool _isOpen;

    public DescriptorStream(int descriptor)
    {
        _descriptor = descriptor;
        _isOpen = IsInherited(descriptor);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether it is a terminal.</summary>
    public bool IsTerminal => _isOpen && Libc.IsTerminal(_descriptor) == 1;

    /// <summary>Whether the parent gave the process this stream. The number of one that it closed is kept from being used for something else.</summary>
    public static bool IsInherited(int descriptor)
    {
        var flags = Libc.ControlDescriptor(descriptor, Libc.GetDescriptorFlags);
        if (flags < 0)
        {
            // So that no socket gets the number: what the runtime writes to its standard error at a crash would go to a peer.
            _ = Libc.Open("/dev/null\0"u8.ToArray(), Libc.OpenReadWrite);
        }

        // What is closed on exec was not inherited: the runtime has opened something of its own under the free number.
        return flags >= 0 && (flags & Libc.CloseOnExec) == 0;
    }

    /// <exception cref="OutputException">It cannot be written.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var written = _isOpen ? Libc.Write(_descriptor, in MemoryMarshal.GetReference(buffer), (nuint)buffer.Length) : -1;
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            var error = _isOpen ? Marshal.GetLastPInvokeError() : Libc.ErrnoBadDescriptor;
            if (error == Libc.ErrnoWouldBlock)
            {
                WaitUntilWritable();
            }
            else if (error != Libc.ErrnoInterrupted)
            {
                throw new OutputException(error == Libc.ErrnoBadDescriptor ? "it is closed"
                    : Marshal.GetPInvokeErrorMessage(error), error == Libc.ErrnoBrokenPipe);
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    // Somebody who shares the open file has made it non-blocking.
    private void WaitUntilWritable()
    {
        var entry = new Libc.PollEntry { Descriptor = _descriptor, Events = Libc.PollOutput };
        _ = Libc.Poll(ref entry, 1, -1);
    }
}
