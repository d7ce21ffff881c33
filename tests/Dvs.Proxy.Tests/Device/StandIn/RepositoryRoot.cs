namespace Dvs.Proxy.Tests.Device.StandIn;

/// <summary>Where the repository lies: the folder above the test's own that holds the solution.</summary>
internal static class RepositoryRoot
{
    internal static string Path { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Dvs.Proxy.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Dvs.Proxy.sln above {AppContext.BaseDirectory}.");
    }
}
