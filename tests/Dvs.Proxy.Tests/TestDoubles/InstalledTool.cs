namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>A program of the machine that some tests hold the library against.</summary>
internal static class InstalledTool
{
    /// <summary>Path of the program; skips the test where it is not installed.</summary>
    internal static string Require(string name)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{name} is not installed.");
        return path!;
    }
}
