using System.Runtime.Versioning;
using Dvs.MultiProxyHost.Commands;
using Dvs.MultiProxyHost.Streams;

// Unix sockets with file modes, and signals; the kernel driver is Linux only anyway.
[assembly: UnsupportedOSPlatform("windows")]

HostStreams.Install();
UserErrors.CatchTheRest();
var exitCode = await UserErrors.GuardAsync(() => HostCommandLine.InvokeAsync(args));
HostStreams.Drain();
return exitCode;
