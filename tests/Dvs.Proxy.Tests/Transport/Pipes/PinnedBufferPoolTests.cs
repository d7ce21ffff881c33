using System.Runtime.InteropServices;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Tests.Transport.Pipes;

public class PinnedBufferPoolTests
{
    private const int Largest = 64 * 1024;

    private readonly PinnedBufferPool _pool = new(Largest, perSize: 2);

    [Theory]
    [InlineData(0, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 8192)]
    [InlineData(Largest, Largest)]
    [InlineData(Largest + 1, Largest + 1)]
    public void A_buffer_is_the_next_power_of_two_or_just_as_long_as_asked_for(int wanted, int expected) =>
        Assert.Equal(expected, _pool.Rent(wanted).Length);

    [Fact]
    public void What_is_returned_is_rented_again_up_to_a_number_of_each_size()
    {
        var buffers = Enumerable.Range(0, 3).Select(_ => _pool.Rent(5000)).ToList();
        buffers.ForEach(buffer => _pool.Return(buffer));

        var again = Enumerable.Range(0, 3).Select(_ => _pool.Rent(5000)).ToList();

        Assert.Equal(2, again.Count(buffers.Contains));
        Assert.Equal(3, again.Distinct().Count());
    }

    [Fact]
    public void Foreign_and_large_buffers_are_not_kept()
    {
        var foreign = new byte[5000];
        var large = _pool.Rent(Largest * 2);
        _pool.Return(foreign);
        _pool.Return(large);

        Assert.NotSame(foreign, _pool.Rent(5000));
        Assert.NotSame(large, _pool.Rent(Largest * 2));
    }

    [Fact]
    public void A_buffer_can_be_cleared_when_it_is_returned()
    {
        var buffer = _pool.Rent(4096);
        buffer.AsSpan().Fill(1);
        _pool.Return(buffer, clearArray: true);

        Assert.Same(buffer, _pool.Rent(4096));
        Assert.DoesNotContain((byte)1, buffer);
    }

    [Fact]
    public void A_collection_does_not_move_a_buffer()
    {
        var buffer = _pool.Rent(4096);
        var before = Marshal.UnsafeAddrOfPinnedArrayElement(buffer, 0);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

        Assert.Equal(before, Marshal.UnsafeAddrOfPinnedArrayElement(buffer, 0));
        Assert.Equal(GC.MaxGeneration, GC.GetGeneration(buffer));
    }
}
