using Dvs.Proxy.Tests.Device.StandIn;

namespace Dvs.Proxy.EndToEnd.Samples;

/// <summary>The samples are there to be copied: each stays small enough to be read in one go.</summary>
public class SampleSizeTests
{
    [Theory]
    [InlineData("MultiProxyHost", 250, 150)]
    [InlineData("FileTransfer", 1_050, 230)]
    public void The_sample_with_its_project_and_configuration_files_is_short(string name, int mostLines, int mostLinesOfAFile)
    {
        var sample = Path.Combine(RepositoryRoot.Path, "samples", name);
        var lines = Directory.GetFiles(sample, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(sample, file).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
            .ToDictionary(static file => Path.GetFileName(file), static file => File.ReadLines(file).Count());

        Assert.Contains("Program.cs", lines.Keys);
        Assert.InRange(lines.Values.Sum(), 50, mostLines);
        Assert.DoesNotContain(lines, file => file.Value > mostLinesOfAFile);
    }
}
