namespace Dvs.Proxy.Benchmarks;

/// <summary>Where the sources are.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution above this program; null where there is none.</summary>
    public static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Dvs.Proxy.sln")))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
