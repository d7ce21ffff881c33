using Dvs.Proxy.Tests.Device.StandIn;

namespace Dvs.Proxy.EndToEnd.Samples;

/// <summary>The sample is there to be copied: it stays small enough to be read in one go.</summary>
public class SampleSizeTests
{
    private const int MostLines = 250;
    private const int MostLinesOfAFile = 150;

    [Fact]
    public void The_sample_with_its_project_and_configuration_files_is_short()
    {
        var sample = Path.Combine(RepositoryRoot.Path, "samples", "MultiProxyHost");
        var lines = Directory.GetFiles(sample, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(sample, file).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
            .ToDictionary(static file => Path.GetFileName(file), static file => File.ReadLines(file).Count());

        Assert.Contains("Program.cs", lines.Keys);
        Assert.InRange(lines.Values.Sum(), 50, MostLines);
        Assert.DoesNotContain(lines, static file => file.Value > MostLinesOfAFile);
    }
}
