using Dvs.MultiProxyHost.Commands;

return await HostCommandLine.InvokeAsync(args);
