using System.Diagnostics;
using System.Security.Cryptography;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tool.Campaign.Processes;

/// <summary>
/// An application process of the campaign: a <see cref="DvkProcess"/> that waits for <see cref="Release"/> before it does its work, counts what
/// it did, and waits for a partner no longer than its time-out. The calls that talk to the driver are for its own thread; they throw
/// <see cref="DvkException"/> where the driver refuses.
/// </summary>
internal sealed class CampaignProcess : IDisposable
{
    private readonly IDvkDevice _device;
    private readonly Action<CampaignProcess> _body;
    private readonly ManualResetEventSlim _released = new();
    private DvkProcess _process = null!;
    private DvkProcessHandle? _handle;
    private volatile bool _cancelled;

    public CampaignProcess(IDvkDevice device, string name, int endpoint, int timeoutMilliseconds, Action<CampaignProcess> body)
    {
        _device = device;
        _body = body;
        Name = name;
        Endpoint = endpoint;
        TimeoutMilliseconds = timeoutMilliseconds;
    }

    public string Name { get; }

    public int Endpoint { get; }

    public int TimeoutMilliseconds { get; }

    public ProcessTally Tally { get; } = new();

    /// <summary>Starts the thread and binds it.</summary>
    /// <exception cref="DvkException">The driver refused.</exception>
    public void Start() => _handle = DvkProcess.Start(_device, Endpoints.Dc, Endpoint, Name, Run);

    /// <summary>Lets the bound process do its work.</summary>
    public void Release() => _released.Set();

    /// <summary>Waits until the process ended.</summary>
    public void Join() => _handle?.Join();

    /// <summary>Ends a process that was not released.</summary>
    public void Dispose()
    {
        _cancelled = !_released.IsSet;
        _released.Set();
        Join();
        _released.Dispose();
    }

    /// <summary>Does one part of the work; a failure is counted, and the process goes on with its next part.</summary>
    public void Attempt(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is CampaignFault or DvkException)
        {
            Tally.AddError($"{Name} (endpoint {Endpoint}), {what}: {exception.Message}");
        }
    }

    public void Send(int endpoint, in Message message) => _process.Send(endpoint, in message, TimeSpan.FromMilliseconds(TimeoutMilliseconds));

    public Message Receive(int endpoint) => _process.Receive(endpoint, TimeSpan.FromMilliseconds(TimeoutMilliseconds));

    public Message ReceiveRequest(int timeoutMilliseconds) => _process.ReceiveRequest(TimeSpan.FromMilliseconds(timeoutMilliseconds));

    public void SendReceive(int endpoint, ref Message message, int? timeoutMilliseconds = null) =>
        _process.SendReceive(endpoint, ref message, TimeSpan.FromMilliseconds(timeoutMilliseconds ?? TimeoutMilliseconds));

    public void Reply(int endpoint, in Message message) => _process.Reply(endpoint, in message, TimeSpan.FromMilliseconds(TimeoutMilliseconds));

    public void Notify(int endpoint) => _process.Notify(endpoint);

    public DvkBuffer AllocateBuffer(int length) => _process.AllocateBuffer(length);

    /// <summary>Asks the driver for a copy, and takes the time it needs.</summary>
    public void Copy(MemoryOffer source, MemoryOffer destination, int length)
    {
        var started = Stopwatch.GetTimestamp();
        _process.Copy(source.Endpoint, source.Address, destination.Endpoint, destination.Address, length);
        Tally.Copying += Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Compares a block that arrived with the MD5 its source announced, and counts it.</summary>
    public void CheckBlock(Block block, int loop, ReadOnlySpan<byte> arrived, ReadOnlySpan<byte> announcedMd5)
    {
        var md5 = Md5Of(arrived);
        if (!announcedMd5.SequenceEqual(md5))
        {
            throw new CampaignFault($"{block} of loop {loop} arrived with MD5 {Convert.ToHexStringLower(md5)}, its source announced "
                + $"{Convert.ToHexStringLower(announcedMd5)}");
        }

        Tally.Blocks++;
        Tally.BlockBytes += arrived.Length;
    }

#pragma warning disable CA5351 // MD5 is what the classic test programs exchange; it finds errors of transfer, it protects nothing.
    public static byte[] Md5Of(ReadOnlySpan<byte> data) => MD5.HashData(data);
#pragma warning restore CA5351

    private void Run(DvkProcess process)
    {
        _process = process;
        _released.Wait();
        if (!_cancelled)
        {
            _body(this);
        }
    }
}
