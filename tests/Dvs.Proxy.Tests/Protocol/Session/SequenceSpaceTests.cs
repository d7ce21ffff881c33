using CsCheck;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Tests.Protocol.Session;

public class SequenceSpaceTests
{
    [Fact]
    public void Ilp32_wraps_and_compares_as_serial_numbers()
    {
        var space = new SequenceSpace(DataModel.Ilp32);
        Assert.Equal(0ul, space.Next(uint.MaxValue));
        Assert.Equal(uint.MaxValue, space.Previous(0));
        Assert.Equal(1, space.Distance(uint.MaxValue, 0));
        Assert.Equal(-1, space.Distance(0, uint.MaxValue));
        Assert.Equal(11, space.Distance(uint.MaxValue - 5, 5));
        Assert.Equal(-11, space.Distance(5, uint.MaxValue - 5));
        Assert.Equal(0, space.Distance(7, 7));
    }

    [Fact]
    public void Lp64_uses_all_64_bits()
    {
        var space = new SequenceSpace(DataModel.Lp64);
        Assert.Equal(0x1_0000_0000ul, space.Next(uint.MaxValue));
        Assert.Equal(ulong.MaxValue, space.Previous(0));
        Assert.True(space.Distance(ulong.MaxValue, 0) > 0);
        Assert.Equal(ulong.MaxValue, space.Wrap(ulong.MaxValue));
    }

    [Theory]
    [InlineData(DataModel.Lp64)]
    [InlineData(DataModel.Ilp32)]
    public void Distance_undoes_addition(DataModel model)
    {
        var space = new SequenceSpace(model);
        Gen.Select(Gen.ULong, Gen.Int).Sample((start, count) =>
        {
            var from = space.Wrap(start);
            return space.Distance(from, space.Wrap(from + (ulong)count)) == count
                && space.Previous(space.Next(from)) == from
                && space.Distance(from, space.Next(from)) == 1;
        });
    }
}
