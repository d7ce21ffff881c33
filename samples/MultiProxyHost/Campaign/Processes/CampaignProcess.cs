using System.Diagnostics;
using System.Security.Cryptography;
using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;

namespace Dvs.MultiProxyHost.Campaign.Processes;

/// <summary>
/// An application process of the campaign: to the driver a process is a thread, so this is a thread with an endpoint. It binds itself, waits
/// for <see cref="Release"/>, does its work and unbinds. The calls that talk to the driver are for its own thread; they throw
/// <see cref="CampaignFault"/> where the driver refuses.
/// </summary>
internal sealed class CampaignProcess : IDisposable
{
    private readonly IDvkDevice _device;
    private readonly Action<CampaignProcess> _body;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _bound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _released = new();
    private volatile bool _cancelled;

    public CampaignProcess(IDvkDevice device, string name, int endpoint, int timeoutMilliseconds, Action<CampaignProcess> body)
    {
        _device = device;
        _body = body;
        Name = name;
        Endpoint = endpoint;
        TimeoutMilliseconds = timeoutMilliseconds;
        _thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    public string Name { get; }

    public int Endpoint { get; }

    public int TimeoutMilliseconds { get; }

    public ProcessTally Tally { get; } = new();

    /// <summary>Starts the thread; the task ends when it is bound, or fails with what the driver said.</summary>
    public Task StartAsync()
    {
        _thread.Start();
        return _bound.Task;
    }

    /// <summary>Lets the bound process do its work.</summary>
    public void Release() => _released.Set();

    /// <summary>Waits until the process ended.</summary>
    public void Join() => _thread.Join();

    /// <summary>Ends a process that was not released.</summary>
    public void Dispose()
    {
        _cancelled = !_released.IsSet;
        _released.Set();
        if (_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted))
        {
            return;
        }

        _thread.Join();
        _released.Dispose();
    }

    /// <summary>Does one part of the work; a fault is counted, and the process goes on with its next part.</summary>
    public void Attempt(string what, Action action)
    {
        try
        {
            action();
        }
        catch (CampaignFault fault)
        {
            Tally.AddError($"{Name} (endpoint {Endpoint}), {what}: {fault.Message}");
        }
    }

    public void Send(int endpoint, in Message message) => Check(_device.Send(endpoint, in message, TimeoutMilliseconds), "send to", endpoint);

    public Message Receive(int endpoint, int? timeoutMilliseconds = null)
    {
        Check(_device.Receive(endpoint, out var message, timeoutMilliseconds ?? TimeoutMilliseconds), "receive from", endpoint);
        return message;
    }

    public Message ReceiveRequest(int timeoutMilliseconds)
    {
        Check(_device.ReceiveRequest(out var message, timeoutMilliseconds), "receive a request from", WellKnownEndpoint.Any);
        return message;
    }

    public void SendReceive(int endpoint, ref Message message, int? timeoutMilliseconds = null) =>
        Check(_device.SendReceive(endpoint, ref message, timeoutMilliseconds ?? TimeoutMilliseconds), "sendrec with", endpoint);

    public void Reply(int endpoint, in Message message) => Check(_device.Reply(endpoint, in message, TimeoutMilliseconds), "reply to", endpoint);

    public void Notify(int endpoint) => Check(_device.Notify(WellKnownEndpoint.Self, endpoint, -1), "notify", endpoint);

    public DvkBuffer AllocateBuffer(int length) => _device.AllocateBuffer(length);

    /// <summary>Asks the driver for a copy, and takes the time it needs.</summary>
    public void Copy(in CopyDescriptor copy)
    {
        var started = Stopwatch.GetTimestamp();
        var result = _device.Copy(in copy);
        Tally.Copying += Stopwatch.GetElapsedTime(started);
        if (result < DvkError.Ok)
        {
            throw new CampaignFault($"vcopy of {copy}: {result.Describe()}");
        }
    }

    /// <summary>Compares a block that arrived with the MD5 its source announced, and counts it.</summary>
    public void CheckBlock(Block block, int loop, ReadOnlySpan<byte> arrived, ReadOnlySpan<byte> announcedMd5)
    {
        var md5 = Md5Of(arrived);
        if (!announcedMd5.SequenceEqual(md5))
        {
            throw new CampaignFault($"{block} of loop {loop} arrived with MD5 {Convert.ToHexStringLower(md5)}, its source announced {Convert.ToHexStringLower(announcedMd5)}");
        }

        Tally.Blocks++;
        Tally.BlockBytes += arrived.Length;
    }

#pragma warning disable CA5351 // MD5 is what the classic test programs exchange; it finds errors of transfer, it protects nothing.
    public static byte[] Md5Of(ReadOnlySpan<byte> data) => MD5.HashData(data);
#pragma warning restore CA5351

    private static void Check(DvkError result, string call, int endpoint)
    {
        if (result < DvkError.Ok)
        {
            throw new CampaignFault($"{call} {(endpoint == WellKnownEndpoint.Any ? "anybody" : endpoint)}: {result.Describe()}");
        }
    }

    private void Run()
    {
        var result = _device.TryBind(BindRequest.Self(Endpoints.Dc, Endpoint, Name), out _);
        if (result < DvkError.Ok)
        {
            _bound.SetException(new DvkException(result, $"bind {Name} to endpoint {Endpoint} of DC {Endpoints.Dc}"));
            return;
        }

        _bound.SetResult();
        _released.Wait();
        if (!_cancelled)
        {
            _body(this);
        }

        _device.TryUnbind(Endpoints.Dc, Endpoint, 0);
    }
}
