namespace Dvs.Proxy.Pairing.Sending.Replies;

/// <summary>
/// Hands acknowledgements from the thread that reads them to the sender thread, which owns the window. Only the latest counts, so one
/// number is enough: no queue and no lock, but for the wait of a sender whose window is full. One publisher, one taker.
/// </summary>
internal sealed class AcknowledgementMailbox : IDisposable
{
    private readonly ManualResetEventSlim _news = new(false, spinCount: 50);
    private ulong _published;
    private ulong _taken;
    private int _isWaiting;
    private int _isClosed;

    /// <summary>Begins anew with a connection whose ACCEPT said <paramref name="acknowledged"/>. Only while nobody publishes.</summary>
    public void Reset(ulong acknowledged)
    {
        _taken = acknowledged;
        Volatile.Write(ref _published, acknowledged);
        Volatile.Write(ref _isClosed, 0);
        _news.Reset();
    }

    /// <summary>Publishes an acknowledgement; it replaces one that was not taken yet.</summary>
    public void Publish(ulong acknowledged)
    {
        Volatile.Write(ref _published, acknowledged);
        WakeTaker();
    }

    /// <summary>The connection ended: a wait ends, and later ones do not begin, until <see cref="Reset"/>. Any thread.</summary>
    public void Close()
    {
        Volatile.Write(ref _isClosed, 1);
        WakeTaker();
    }

    /// <summary>True with an acknowledgement that was not taken yet. Cheap: asked before every fetch.</summary>
    public bool TryTake(out ulong acknowledged)
    {
        acknowledged = Volatile.Read(ref _published);
        if (acknowledged == _taken)
        {
            return false;
        }

        _taken = acknowledged;
        return true;
    }

    /// <summary>Waits until there is something to take, the mailbox is closed or time is up. True: there is something to take.</summary>
    public bool Wait(TimeSpan timeout)
    {
        if (HasNews)
        {
            return true;
        }

        _news.Reset();

        // The exchange is a full fence: either the publisher sees that we wait, or we see what it published.
        Interlocked.Exchange(ref _isWaiting, 1);
        if (!HasNews && Volatile.Read(ref _isClosed) == 0)
        {
            _news.Wait(timeout);
        }

        Volatile.Write(ref _isWaiting, 0);
        return HasNews;
    }

    public void Dispose() => _news.Dispose();

    private bool HasNews => Volatile.Read(ref _published) != _taken;

    private void WakeTaker()
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isWaiting) != 0)
        {
            _news.Set();
        }
    }
}
