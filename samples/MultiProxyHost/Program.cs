using System.Runtime.Versioning;
using Dvs.Proxy.Tool;
using MultiProxyHost;

// The kernel driver is Linux only; the tool is for Unix.
[assembly: UnsupportedOSPlatform("windows")]

// `run` is this program's own. Everything else is the tool's (the command dvs-proxy): without arguments its verification campaign.
return args is ["run", ..] ? await RunVerb.InvokeAsync(args) : await ToolProgram.RunAsync(args);
