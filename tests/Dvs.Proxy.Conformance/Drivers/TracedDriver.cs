using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Conformance.Drivers;

/// <summary>A driver whose answers are text, as they stand in a trace.</summary>
/// <param name="device">The driver.</param>
/// <param name="idText">Text for the id of a thread: <c>&lt;NAME&gt;</c> for those of the script.</param>
internal sealed partial class TracedDriver(IDvkDevice device, Func<int, string> idText)
{
    public const int MaxBlock = 65_536;

    /// <summary>The driver itself.</summary>
    public IDvkDevice Device => device;

    /// <summary>The last command that was fetched.</summary>
    public CommandHeader LastCommand { get; private set; }

    public static string Text(DvkError error) => (int)error switch
    {
        0 => "0 Ok",
        > 0 => $"{(int)error}",
        _ => $"{(int)error} {error}",
    };

    /// <summary>What a call answers that throws its errors.</summary>
    public static string Text(Exception exception) =>
        exception is DvkException refusal ? Text(refusal.Error) : $"{exception.GetType().Name}: {exception.Message.Split('\n')[0]}";

    public string LocalNodeId() => $"{device.LocalNodeId}";

    public string InitializeDvs(int nodeId, DvsInfo? limits = null) => Done(() => device.InitializeDvs(nodeId, limits ?? new DvsInfo()));

    public string EndDvs() => Done(device.EndDvs);

    public string StartDc(DcInfo dc) => Done(() => device.StartDc(dc));

    public string EndDc(int dcId) => Done(() => device.EndDc(dcId));

    public string AddNode(int dcId, int nodeId) => Done(() => device.AddNode(dcId, nodeId));

    public string RemoveNode(int dcId, int nodeId) => Done(() => device.RemoveNode(dcId, nodeId));

    public string BindProxies(string name, int proxyId, int sender, int receiver, int maxPayload = MaxBlock) =>
        Done(() => device.BindProxies(name, proxyId, sender, receiver, maxPayload));

    public string UnbindProxies(int proxyId) => Done(() => device.UnbindProxies(proxyId));

    public string NodeUp(string name, int nodeId, int proxyId) => Done(() => device.NodeUp(name, nodeId, proxyId));

    public string NodeDown(int nodeId) => Done(() => device.NodeDown(nodeId));

    public string Connect(int proxyId, int change) => Text(device.SetProxyConnection(proxyId, (ProxyConnectionChange)change));

    public string Bind(BindRequest request) => Endpoint(device.TryBind(request, out var endpoint), endpoint);

    public string BindSelf(int dcId, int endpoint) => Bind(BindRequest.Self(dcId, endpoint, Thread.CurrentThread.Name));

    public string Unbind(int dcId, int endpoint, int timeout = 0) => Text(device.TryUnbind(dcId, endpoint, timeout));

    public string GetEndpoint(int threadId) => Endpoint(device.GetEndpoint(threadId, out var endpoint), endpoint);

    public string WaitForBind(WaitForBindKind kind, int endpoint, int timeout) =>
        Endpoint(device.WaitForBind(kind, endpoint, timeout, out var bound), bound);

    public string Send(int endpoint, int type, int timeout) => Text(device.Send(endpoint, NewMessage(type), timeout));

    public string Reply(int endpoint, int type, int timeout) => Text(device.Reply(endpoint, NewMessage(type), timeout));

    public string Receive(int endpoint, int timeout) => Received(device.Receive(endpoint, out var message, timeout), message);

    public string ReceiveRequest(int timeout) => Received(device.ReceiveRequest(out var message, timeout), message);

    public string SendReceive(int endpoint, int type, int timeout)
    {
        var message = NewMessage(type);
        return Received(device.SendReceive(endpoint, ref message, timeout), message);
    }

    /// <summary>As <see cref="Receive"/>, with the message taken for a notification.</summary>
    public string ReceiveNotification(int endpoint, int timeout)
    {
        var error = device.Receive(endpoint, out var message, timeout);
        return error == DvkError.Ok ? $"0 Ok {NotificationText(message)}" : Text(error);
    }

    public string Notify(int number, int endpoint, int value) => Text(device.Notify(number, endpoint, value));

    public string Copy(int source, ulong sourceAddress, int destination, ulong destinationAddress, int length) => Text(device.Copy(new CopyDescriptor
    {
        SourceEndpoint = source,
        SourceAddress = sourceAddress,
        DestinationEndpoint = destination,
        DestinationAddress = destinationAddress,
        Length = length,
        RequesterEndpoint = WellKnownEndpoint.Self,
    }));

    /// <summary>Fetches a command for the peer, which is <see cref="LastCommand"/> then.</summary>
    public string GetToRemote(int timeout)
    {
        var payload = new byte[MaxBlock];
        var error = device.GetToRemote(out var header, payload, timeout);
        if (error != DvkError.Ok)
        {
            return Text(error);
        }

        LastCommand = header;
        return $"0 Ok {CommandText(header, payload)}";
    }

    public string PutToLocal(CommandHeader header, byte[]? payload = null) => Text(device.PutToLocal(header, payload ?? []));

    public string WakeUp(int dcId, int endpoint) => Text(device is EmulatedDvk emulated ? emulated.WakeUp(dcId, endpoint) : ((KernelDvkDevice)device).WakeUp(dcId, endpoint));

    public static Message NewMessage(int type, int source = 0)
    {
        var message = new Message { Type = type, Source = source };
        for (var i = 0; i < 12; i++)
        {
            message.Body.Bytes[i] = (byte)(type + i);
        }

        return message;
    }

    private static string Done(Action call)
    {
        call();
        return "0 Ok";
    }

    private static string Endpoint(DvkError error, int endpoint) => error == DvkError.Ok ? $"endpoint {endpoint}" : Text(error);

    private static string Received(DvkError error, in Message message) => error == DvkError.Ok ? $"0 Ok {MessageText(message)}" : Text(error);
}
