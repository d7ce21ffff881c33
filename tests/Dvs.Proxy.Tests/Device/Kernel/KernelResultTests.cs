using CsCheck;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Kernel.Calls;
using Dvs.Proxy.Device.Kernel.Records;

namespace Dvs.Proxy.Tests.Device.Kernel;

public class KernelResultTests
{
    [Theory]
    [InlineData(0, DvkError.Ok)]
    [InlineData(7, DvkError.Ok)]
    [InlineData(-325, DvkError.NodeFree)]
    [InlineData(-61, DvkError.TimedOut)]
    [InlineData(-25, DvkError.NotTty)]
    public void An_errno_is_the_error_of_that_number(int raw, DvkError expected) => Assert.Equal(expected, DvkResult.ToError(raw));

    [Theory]
    [InlineData(70, 70, DvkError.Ok, 70)]
    [InlineData(-1, -1, DvkError.Ok, -1)]
    [InlineData(-14, -14, DvkError.Ok, -14)]
    [InlineData(-14, 5, DvkError.Fault, 0)]
    [InlineData(-61, 5, DvkError.TimedOut, 0)]
    [InlineData(-4, -2, DvkError.Interrupted, 0)]
    [InlineData(-337, -2, DvkError.SlotUsed, 0)]
    public void An_endpoint_that_was_asked_for_is_told_from_an_error(int raw, int requested, DvkError error, int endpoint)
    {
        Assert.Equal(error, DvkResult.ToEndpoint(raw, requested, out var actual));
        Assert.Equal(endpoint, actual);
    }

    [Theory]
    [InlineData(70, 35, DvkError.Ok, 70)]
    [InlineData(-35, 35, DvkError.Ok, -35)]
    [InlineData(-36, 35, (DvkError)(-36), 0)]
    [InlineData(-61, 35, DvkError.TimedOut, 0)]
    [InlineData(-61, 299, DvkError.Ok, -61)]
    [InlineData(-299, 299, DvkError.Ok, -299)]
    [InlineData(-299, 1000, DvkError.Ok, -299)]
    [InlineData(-300, 1000, (DvkError)(-300), 0)]
    [InlineData(-310, 299, DvkError.NotBind, 0)]
    public void An_unknown_endpoint_is_told_from_an_error_by_the_number_of_tasks(int raw, int tasks, DvkError error, int endpoint)
    {
        Assert.Equal(error, DvkResult.ToUnknownEndpoint(raw, tasks, out var actual));
        Assert.Equal(endpoint, actual);
    }

    [Theory]
    [InlineData(0, DvkError.Ok, 0)]
    [InlineData(31, DvkError.Ok, 31)]
    [InlineData(-1, DvkError.DvsNotInitialised, -1)]
    [InlineData(-318, DvkError.DvsNotInitialised, -1)]
    [InlineData(-335, DvkError.Privileges, -1)]
    [InlineData(-25, DvkError.NotTty, -1)]
    public void The_node_id_of_a_driver_that_is_not_initialised_is_negative(int raw, DvkError error, int nodeId)
    {
        Assert.Equal(error, DvkResult.ToNodeId(raw, out var actual));
        Assert.Equal(nodeId, actual);
    }

    [Fact]
    public void Every_task_endpoint_that_is_asked_for_comes_back() =>
        Gen.Int[-299, -1].Sample(task => DvkResult.ToEndpoint(task, task, out var endpoint) == DvkError.Ok && endpoint == task);

    [Theory]
    [InlineData("node1", "node1")]
    [InlineData("exactly15bytes!", "exactly15bytes!")]
    [InlineData("exactly16bytes!!", "exactly16bytes!")]
    [InlineData("ein Knöterich ä", "ein Knöterich ")]
    [InlineData("", "")]
    public void Names_are_cut_at_fifteen_bytes_and_end_with_a_zero(string name, string expected)
    {
        var bytes = new byte[DvkName.Size];
        Array.Fill(bytes, (byte)'?');
        DvkText.Write(bytes, name);
        Assert.Equal(0, bytes[^1]);
        Assert.Equal(expected, DvkText.Read(bytes));
    }

    [Fact]
    public void Low_names_have_addresses_that_fit_an_int()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the kernel device runs on Linux");
        var place = LowMemoryNames.Rent("rclient");
        try
        {
            Assert.InRange(place, 0x1000_0000, int.MaxValue);
            unsafe
            {
                Assert.Equal("rclient", DvkText.Read(new ReadOnlySpan<byte>((void*)place, DvkName.Size)));
            }
        }
        finally
        {
            LowMemoryNames.Return(place);
        }
    }
}
