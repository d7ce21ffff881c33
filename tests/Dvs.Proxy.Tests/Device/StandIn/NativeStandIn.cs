using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Dvs.Proxy.Tests.Device.StandIn;

/// <summary>Builds the native stand-in for the driver (tests/native) with gcc, once for each state of its sources.</summary>
internal static class NativeStandIn
{
    /// <summary>Set in processes into which the stand-in was preloaded on purpose.</summary>
    internal const string Marker = "DVK_STANDIN_TESTS";

    private static readonly Lazy<(string? Path, string Problem)> Built = new(Build);

    /// <summary>True in a process into which the stand-in was preloaded.</summary>
    internal static bool IsPreloaded { get; } = Environment.GetEnvironmentVariable(Marker) == "1"
        && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "dvk_standin_present", out _);

    /// <summary>Path of the shared object; skips the test where it cannot be built for want of a compiler.</summary>
    internal static string RequirePath()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the stand-in is preloaded, which is a thing of Linux");
        CCompiler.Require();
        Assert.True(Built.Value.Path is not null, Built.Value.Problem);
        return Built.Value.Path;
    }

    private static (string? Path, string Problem) Build()
    {
        var folder = Path.Combine(RepositoryRoot.Path, "tests", "native");
        var sources = Directory.GetFiles(folder, "*.c").Order(StringComparer.Ordinal).ToArray();
        var output = Path.Combine(AppContext.BaseDirectory, $"libdvk_standin-{Hash(folder)}.so");
        if (File.Exists(output))
        {
            return (output, "");
        }

        var temporary = $"{output}.{Environment.ProcessId}";
        var (exitCode, messages) = CCompiler.Run(
            ["-std=gnu11", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-fPIC", "-shared", "-o", temporary, .. sources, "-ldl", "-lpthread"]);
        if (exitCode != 0)
        {
            return (null, $"gcc could not build the stand-in:\n{messages}");
        }

        File.Move(temporary, output, overwrite: true);
        return (output, "");
    }

    private static string Hash(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.GetFiles(folder).Where(file => Path.GetExtension(file) is ".c" or ".h").Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file)));
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }
}
