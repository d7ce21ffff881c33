using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using FileTransfer.Transfers;

namespace FileTransfer;

/// <summary>
/// Starts this program again, as a server on node 1 and as its client on node 0, each with a driver and a proxy of its own; puts a file and gets it back while
/// the server's proxy is restarted in the middle of both.
/// </summary>
internal static class Demonstration
{
    private const int MiB = 1024 * 1024;
    private const int Length = 8 * MiB + 4321;
    private const int RestartEvery = 5;

    /// <returns>The exit code: 0 where all is right.</returns>
    public static async Task<int> RunAsync(CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("file-transfer-");
        var (sent, back, served) = (Path.Combine(folder.FullName, "sent"), Path.Combine(folder.FullName, "back"), folder.CreateSubdirectory("served").FullName);
        await File.WriteAllBytesAsync(sent, RandomNumberGenerator.GetBytes(Length), cancellation);
        var (port0, port1) = FindFreePorts();
        try
        {
            using var server = Start(
                "serve", "--folder", served, "--restart-every", Text(RestartEvery), "--listen-port", Text(port1), "--connect-port", Text(port0));
            string[] client = ["--listen-port", Text(port0), "--connect-port", Text(port1)];
            var output = "";
            try
            {
                var serverOutput = RelayAsync("node 1", server);
                output += await RunAsync(["put", sent, "film.bin", .. client], cancellation);
                output += await RunAsync(["get", "film.bin", back, .. client], cancellation);
                server.Kill();
                output += await serverOutput;
            }
            finally
            {
                server.Kill();
            }

            return Judge(output, [sent, Path.Combine(served, "film.bin"), back]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int Judge(string output, string[] files)
    {
        var digests = files.Select(static file => File.Exists(file) ? DigestOf(file) : "none").ToArray();
        var (restarts, resumes) = (CountOf("starts again", output), CountOf("resumed at", output));
        var isRight = digests.All(digest => digest == digests[0]) && restarts == 2 * Length / MiB / RestartEvery && resumes >= restarts;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Length:N0} bytes there and back; MD5 here {digests[0]}, there {digests[1]}, back {digests[2]}"));
        Console.WriteLine($"the server's proxy restarted {restarts} times, the transfers resumed {resumes} times");
        Console.WriteLine(isRight ? "All is right." : "Something is wrong.");
        return isRight ? 0 : 1;
    }

    private static async Task<string> RunAsync(string[] arguments, CancellationToken cancellation)
    {
        using var process = Start(arguments);
        using var end = cancellation.Register(process.Kill);
        var output = await RelayAsync("node 0", process);
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode == 0 ? output : throw new TransferException($"'{arguments[0]}' ended with exit code {process.ExitCode}.");
    }

    private static Process Start(params string[] arguments)
    {
        var program = Environment.ProcessPath!;
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            arguments = [typeof(Demonstration).Assembly.Location, .. arguments];
        }

        return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
    }

    // What a process prints, passed on line by line and returned when it has ended.
    private static async Task<string> RelayAsync(string name, Process process)
    {
        var output = new StringWriter();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            Console.WriteLine($"{name}: {line}");
            output.WriteLine(line);
        }

        return output.ToString();
    }

    // Both at once, or the system might choose one twice.
    private static (int First, int Second) FindFreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }

    private static string DigestOf(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(FileDigest.Of(stream).Span);
    }

    private static int CountOf(string text, string output) => output.Split(text).Length - 1;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
