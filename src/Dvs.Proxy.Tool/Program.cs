using System.Runtime.Versioning;
using Dvs.Proxy.Tool;

// Unix sockets with file modes, and signals; the kernel driver is Linux only anyway.
[assembly: UnsupportedOSPlatform("windows")]

return await ToolProgram.RunAsync(args);
