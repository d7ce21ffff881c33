using System.Buffers;
using System.Numerics;

namespace Dvs.Proxy.Transport.Pipes;

/// <summary>
/// A pool of buffers that lie on the runtime's pinned heap. A thread that waits in a system call holds its buffer where it is, often for
/// hours; among ordinary objects each such buffer would keep the garbage collector from clearing up around it. Any thread.
/// </summary>
/// <param name="largest">Larger buffers, in bytes, are not kept when they are returned.</param>
/// <param name="perSize">Most buffers kept of one size; sizes are powers of two.</param>
internal sealed class PinnedBufferPool(int largest, int perSize) : ArrayPool<byte>
{
    private const int Smallest = 4096;

    private readonly Bucket[] _buckets =
        [.. Enumerable.Range(0, BucketOf(largest) + 1).Select(_ => new Bucket(perSize))];

    public override byte[] Rent(int minimumLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minimumLength);
        var bucket = BucketOf(minimumLength);
        if (bucket >= _buckets.Length)
        {
            return GC.AllocateUninitializedArray<byte>(minimumLength);
        }

        return _buckets[bucket].TryTake() ?? GC.AllocateUninitializedArray<byte>(Smallest << bucket, pinned: true);
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (clearArray)
        {
            Array.Clear(array);
        }

        var bucket = BucketOf(array.Length);
        if (bucket < _buckets.Length && array.Length == Smallest << bucket)
        {
            _buckets[bucket].Add(array);
        }
    }

    private static int BucketOf(int length) =>
        BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, Smallest))) - BitOperations.Log2(Smallest);

    private sealed class Bucket(int capacity)
    {
        private readonly Lock _lock = new();
        private readonly byte[]?[] _arrays = new byte[capacity][];
        private int _count;

        public byte[]? TryTake()
        {
            lock (_lock)
            {
                if (_count == 0)
                {
                    return null;
                }

                var array = _arrays[--_count];
                _arrays[_count] = null;
                return array;
            }
        }

        public void Add(byte[] array)
        {
            lock (_lock)
            {
                if (_count < _arrays.Length)
                {
                    _arrays[_count++] = array;
                }
            }
        }
    }
}
