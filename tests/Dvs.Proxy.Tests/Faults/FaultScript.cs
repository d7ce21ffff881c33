using System.Buffers.Binary;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Faults.Transports;

namespace Dvs.Proxy.Tests.Faults;

/// <summary>
/// The faults of one direction of one connection, by byte position: nothing of what it does depends on how the bytes arrive or on the
/// clock. One thread.
/// </summary>
internal sealed class FaultScript(IReadOnlyList<Fault> faults, FaultLog log, WireLayout? layout = null)
{
    private readonly byte[] _header = new byte[layout?.HeaderSize ?? 1];
    private long _position;
    private int _next;
    private int _splitLeft;
    private bool _isSwallowing;
    private bool _ended;
    private bool _flipPending;
    private int _headerBytes;
    private int _payloadLeft;

    /// <summary>Bytes that came in so far.</summary>
    public long Position => _position;

    /// <summary>True once this direction ended.</summary>
    public bool HasEnded => _ended;

    /// <summary>Lets the faults happen to these bytes. False: this direction has ended, what follows is thrown away.</summary>
    public bool Play(Span<byte> bytes, IFaultSink sink)
    {
        while (!bytes.IsEmpty && !_ended)
        {
            while (_next < faults.Count && faults[_next].Position <= _position && !_ended)
            {
                Happen(faults[_next++], bytes, sink);
            }

            if (_ended)
            {
                break;
            }

            var piece = bytes[..NextPiece(bytes.Length)];
            FollowFrames(piece);
            _position += piece.Length;
            bytes = bytes[piece.Length..];
            if (!_isSwallowing && !sink.Write(piece))
            {
                _ended = true;
            }
        }

        return !_ended;
    }

    public override string ToString() => faults.Count == 0 ? "clean" : string.Join(' ', faults);

    private int NextPiece(int available)
    {
        var length = _next < faults.Count ? (int)Math.Min(available, faults[_next].Position - _position) : available;
        if (_splitLeft > 0)
        {
            length = Math.Min(length, 1 + (int)(_position * 5 % 7));
            _splitLeft -= length;
        }

        return length;
    }

    private void Happen(Fault fault, Span<byte> bytes, IFaultSink sink)
    {
        if (fault.Kind != FaultKind.FlipPayload)
        {
            log.Add(fault.Kind);
        }

        _ended |= fault.IsEnd;
        switch (fault.Kind)
        {
            case FaultKind.Stall:
                sink.Wait(TimeSpan.FromMilliseconds(fault.Amount));
                break;
            case FaultKind.Split:
                _splitLeft = fault.Amount;
                break;
            case FaultKind.Flip:
                bytes[0] ^= (byte)(1 << fault.Amount);
                break;
            case FaultKind.FlipPayload:
                _flipPending = true;
                break;
            case FaultKind.Swallow:
                _isSwallowing = true;
                sink.CutAfter(TimeSpan.FromMilliseconds(fault.Amount));
                break;
            case FaultKind.Deafen:
                _isSwallowing = true;
                break;
            case FaultKind.HalfClose:
                sink.HalfClose();
                break;
            case FaultKind.Cut:
                sink.Cut();
                break;
            case FaultKind.Reset:
                sink.Reset();
                break;
            default:
                throw new InvalidOperationException($"{fault} does not happen to bytes.");
        }
    }

    private void FollowFrames(Span<byte> bytes)
    {
        if (layout is null)
        {
            return;
        }

        while (!bytes.IsEmpty)
        {
            if (_payloadLeft > 0)
            {
                if (_flipPending)
                {
                    bytes[0] ^= 0x10;
                    _flipPending = false;
                    log.Add(FaultKind.FlipPayload);
                }

                var payload = Math.Min(_payloadLeft, bytes.Length);
                _payloadLeft -= payload;
                bytes = bytes[payload..];
                continue;
            }

            var taken = Math.Min(_header.Length - _headerBytes, bytes.Length);
            bytes[..taken].CopyTo(_header.AsSpan(_headerBytes));
            _headerBytes += taken;
            bytes = bytes[taken..];
            if (_headerBytes == _header.Length)
            {
                _headerBytes = 0;
                _payloadLeft = BinaryPrimitives.ReadInt32LittleEndian(_header.AsSpan(28));
            }
        }
    }
}
