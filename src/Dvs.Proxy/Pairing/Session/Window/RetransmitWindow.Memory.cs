using System.Runtime.CompilerServices;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Pairing.Lifetime;
using Dvs.Proxy.Protocol.Frames;

namespace Dvs.Proxy.Pairing.Session.Window;

/// <content>How frames come in: memory is given out, filled, and becomes a frame when it is committed.</content>
internal sealed partial class RetransmitWindow
{
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_uncommitted != 0)
        {
            throw new BrokenInvariantException("The frame before was not committed.");
        }

        sizeHint = Math.Max(sizeHint, 1);
        if (_chunks.Count > 0)
        {
            ref var last = ref _chunks.Last;
            if (IsLastUnused())
            {
                last.Written = 0;
                last.FirstFrame = _tail;
            }

            if (last.Free >= sizeHint)
            {
                _isReserved = true;
                return last.Memory.AsMemory(last.Written);
            }
        }

        return AddChunk(sizeHint);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        if (_chunks.Count == 0)
        {
            throw new BrokenInvariantException("No memory was given out.");
        }

        ref var last = ref _chunks.Last;
        if ((uint)count > (uint)last.Free)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, "Beyond the memory that was given out.");
        }

        last.Written += count;
        _uncommitted += count;
    }

    /// <summary>What was advanced over since the last call is one frame: <see cref="Append"/> in two steps.</summary>
    public void Commit(ulong sequence, int commands)
    {
        if (_uncommitted == 0 || sequence != _nextSequence)
        {
            throw new BrokenInvariantException($"Frame {sequence} with {_uncommitted} bytes was committed where frame {_nextSequence} was due.");
        }

        Record(_chunks.Last.Written - _uncommitted, _uncommitted, commands);
        _uncommitted = 0;
    }

    public void Append(int length, ulong sequence, int commands)
    {
        if (_chunks.Count != 0 && _uncommitted == 0 && length > 0 && sequence == _nextSequence)
        {
            ref var last = ref _chunks.Last;
            var offset = last.Written;
            if (length <= last.Memory.Length - offset)
            {
                last.Written = offset + length;
                Record(offset, length, commands);
                return;
            }
        }

        // One of these says what is wrong.
        Advance(length);
        Commit(sequence, commands);
    }

    public void ReleaseRoom()
    {
        _isReserved = false;
        ReturnUnused();
    }

    private void ReturnUnused()
    {
        while (_chunks.Count > 1 && _chunks[1].FirstFrame <= _head)
        {
            _chunks.RemoveFirst();
        }

        if (_chunks.Count == 1 && !_isReserved && IsLastUnused())
        {
            _chunks.RemoveFirst();
        }

        if (IsEmpty)
        {
            _chunks.ReturnSpares();
        }
    }

    private Memory<byte> AddChunk(int sizeHint)
    {
        _isReserved = false;
        ReturnUnused();

        // A lone frame of a quiet pair should not cost a chunk made for bursts.
        _chunks.Add(IsEmpty ? sizeHint : Math.Max(sizeHint, _chunkSize), _tail);
        _isReserved = true;
        return _chunks.Last.Memory;
    }

    // No frame that is kept begins in the last chunk.
    private bool IsLastUnused() => _uncommitted == 0 && Math.Max(_chunks.Last.FirstFrame, _head) == _tail;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Record(int offset, int length, int commands)
    {
        _frames.EnsureRoom(_head, _tail);
        ref var record = ref _frames[_tail];
        record.Offset = offset;
        record.Length = length;
        record.CommandsThrough = (uint)(_committedCommands += commands);
        record.BytesThrough = (uint)(_committedBytes += length);
        _tail++;
        _nextSequence = _space.Next(_nextSequence);
    }
}
