using Dvs.Proxy.Device.Kernel;

namespace Dvs.Proxy.Tests.Device.Kernel;

public sealed class ViewReaderTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4_096)]
    [InlineData(16_384)]
    [InlineData(16_385)]
    [InlineData(1_000_003)]
    public void A_view_of_any_length_is_read_to_its_end(int length)
    {
        var text = string.Concat(Enumerable.Range(0, length).Select(static i => (char)('a' + (i % 26))));
        File.WriteAllText(_path, text);
        Assert.Equal(text, ViewReader.Read(_path));
    }

    [Fact]
    public void A_view_that_is_not_there_is_told() => Assert.ThrowsAny<IOException>(() => ViewReader.Read(_path + ".none"));
}
