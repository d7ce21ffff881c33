using System.Runtime.Versioning;
using Dvs.MultiProxyHost.Commands;

// Unix sockets with file modes, and signals; the kernel driver is Linux only anyway.
[assembly: UnsupportedOSPlatform("windows")]

return await HostCommandLine.InvokeAsync(args);
