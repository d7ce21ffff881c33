using System.CommandLine;
using System.Runtime.Versioning;
using Dvs.Proxy.Device;
using Dvs.Proxy.Transport;
using FileTransfer;
using FileTransfer.Transfers;

// The kernel driver is Linux only.
[assembly: UnsupportedOSPlatform("windows")]

var parsed = Verbs.Create().Parse(args);
try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (OperationCanceledException)
{
    // SIGINT or SIGTERM: the end that a server is meant to have. A transfer goes on with the next run.
    return parsed.CommandResult.Command.Name == "serve" ? 0 : 1;
}
catch (Exception exception) when (exception is TransferException or DvkException or ProxyTransportException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
