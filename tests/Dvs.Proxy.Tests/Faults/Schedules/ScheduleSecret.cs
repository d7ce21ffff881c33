namespace Dvs.Proxy.Tests.Faults.Schedules;

/// <summary>The file of the secret of all schedules that have one, made once per process.</summary>
internal static class ScheduleSecret
{
    private static readonly Lazy<string> Path = new(static () =>
    {
        var folder = Directory.CreateTempSubdirectory("dvs-schedule-secret").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var file = System.IO.Path.Combine(folder, "secret");
        System.IO.File.WriteAllText(file, "a secret of the schedules alone");
        return file;
    });

    public static string File => Path.Value;
}
