using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Driver;

namespace Dvs.Proxy.Pairing.Lifetime;

/// <summary>
/// Owns the two threads of a pair: starts them, holds them until the pair is registered, and ends them in the order of
/// <see cref="PairEnding"/>. Start and join come from one thread at a time; the rest is thread-safe. Behaviour: PairEndingTests, the
/// exploration of pairs.
/// </summary>
internal sealed class PairThreads : IDisposable
{
    private const int StackSize = 512 * 1024;

    private readonly PairContext _context;
    private readonly Action _onServed;
    private readonly Action _tellDisconnected;
    private readonly PairEnding _ending;
    private readonly ThreadGate _senderGate = new();
    private readonly ThreadGate _receiverGate = new();
    private readonly Thread _sender;
    private readonly Thread _receiver;

    /// <param name="context">What the pair shares.</param>
    /// <param name="send">What the sender's thread does once the pair is registered.</param>
    /// <param name="receive">The same for the receiver's.</param>
    /// <param name="onServed">One of the two is done, by itself or because it was asked to be: the other is to follow.</param>
    /// <param name="tellDisconnected">Tells the driver that both directions are disconnected.</param>
    public PairThreads(PairContext context, Action send, Action receive, Action onServed, Action tellDisconnected)
    {
        _context = context;
        _onServed = onServed;
        _tellDisconnected = tellDisconnected;
        _ending = new PairEnding(context);
        _sender = Create("send", context.Binding.OnSenderStarted, _senderGate, send, context.SenderCounters);
        _receiver = Create("recv", context.Binding.OnReceiverStarted, _receiverGate, receive, context.ReceiverCounters);
    }

    /// <summary>Starts both; they wait for <see cref="Open"/>. Afterwards the <see cref="DriverBinding"/> knows their ids.</summary>
    public void Start()
    {
        _sender.Start();
        try
        {
            _receiver.Start();
        }
        catch
        {
            _ending.OnNotStarted();
            Cancel();
            throw;
        }

        _senderGate.WaitForReport();
        _receiverGate.WaitForReport();
    }

    /// <summary>Lets both serve.</summary>
    public void Open()
    {
        _receiverGate.Open();
        _senderGate.Open();
    }

    /// <summary>Lets both end without having served.</summary>
    public void Cancel()
    {
        _context.Lifetime.Stop();
        Open();
    }

    /// <summary>Lets threads end that are held for the driver's sake, because the proxy as a whole ends.</summary>
    public void Release() => _ending.Release();

    /// <summary>Waits until the sender's thread ended. Returns false if the time is up first.</summary>
    public bool JoinSender(TimeSpan limit) => !IsStarted(_sender) || _sender.Join(limit);

    /// <summary>Waits until both ended, and says which did not within <paramref name="limit"/> from <paramref name="started"/>. Returns
    /// false if one was left behind.</summary>
    public bool Join(TimeSpan limit, long started) => JoinRest(_sender, limit, started) & JoinRest(_receiver, limit, started);

    public void Dispose()
    {
        _senderGate.Dispose();
        _receiverGate.Dispose();
    }

    private static bool IsStarted(Thread thread) => !thread.ThreadState.HasFlag(ThreadState.Unstarted);

    private bool JoinRest(Thread thread, TimeSpan limit, long started)
    {
        var rest = limit - _context.Environment.Time.GetElapsedTime(started);
        if (!IsStarted(thread) || thread.Join(rest > TimeSpan.Zero ? rest : TimeSpan.Zero))
        {
            return true;
        }

        ProxyLog.ThreadLeftBehind(_context.Logger, _context.Name, thread.Name!, limit);
        return false;
    }

    private void WaitForOther()
    {
        _ending.WaitForOther(_tellDisconnected);
        if (Thread.CurrentThread == _receiver)
        {
            _ending.WaitForSenderThread(_sender);
        }
    }

    private Thread Create(string role, Action<int> onStarted, ThreadGate gate, Action body, DirectionCounters counters) =>
        new(() => Run(role, onStarted, gate, body, counters), StackSize) { IsBackground = true, Name = $"dvs {_context.Name} {role}" };

    private void Run(string role, Action<int> onStarted, ThreadGate gate, Action body, DirectionCounters counters)
    {
        var end = ProxyState.Stopped;
        try
        {
            onStarted(_context.Device.CurrentThreadId);
            gate.ReportAndWait();
            body();
        }
#pragma warning disable CA1031 // The last line of defence: one pair must not take the process and the other pairs with it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            end = ProxyState.Faulted;
            counters.LastEnd = FaultPause.Describe(exception);
            ProxyLog.InvariantBroken(_context.Logger, _context.Name, role, exception);
        }

        counters.Remote = null;
        counters.Tls = null;
        counters.State = end;
        FaultBarrier.Run(_context.Logger, "ending the pair's other thread", _onServed);
        FaultBarrier.Run(_context.Logger, "telling the driver of the pair's end", WaitForOther);
        FaultBarrier.Run(_context.Logger, "taking the thread off the driver", _context.Device.OnThreadExit);
    }
}
