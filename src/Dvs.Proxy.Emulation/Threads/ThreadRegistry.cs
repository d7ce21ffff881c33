namespace Dvs.Proxy.Emulation.Threads;

/// <summary>The threads one driver knows, by id. With the node's lock held.</summary>
/// <param name="onGone">What to do for a thread that turned out to be gone without a word.</param>
internal sealed class ThreadRegistry(Action<ThreadEntry> onGone)
{
    private readonly Dictionary<int, ThreadEntry> _entries = [];

    /// <summary>The calling thread, or null while the driver does not know it.</summary>
    public ThreadEntry? Current
    {
        get
        {
            var id = LinuxThreads.CurrentId;
            if (!_entries.TryGetValue(id, out var entry))
            {
                return null;
            }

            var token = LinuxThreads.CurrentToken;
            if (ReferenceEquals(entry.Token, token))
            {
                return entry;
            }

            if (entry.Token is not null)
            {
                // The system gave the id of a dead thread to this one.
                Forget(entry);
                return null;
            }

            entry.Token = token;
            return entry;
        }
    }

    /// <summary>The calling thread, made known if it was not.</summary>
    public ThreadEntry RegisterCurrent()
    {
        if (Current is { } known)
        {
            return known;
        }

        var entry = new ThreadEntry(LinuxThreads.CurrentId) { Token = LinuxThreads.CurrentToken };
        _entries.Add(entry.Id, entry);
        return entry;
    }

    /// <summary>A thread by id, made known if it is alive; null if no such thread lives.</summary>
    public ThreadEntry? RegisterAlive(int id)
    {
        if (id == LinuxThreads.CurrentId)
        {
            return RegisterCurrent();
        }

        if (!LinuxThreads.IsAlive(id))
        {
            if (_entries.TryGetValue(id, out var gone))
            {
                Forget(gone);
            }

            return null;
        }

        if (!_entries.TryGetValue(id, out var entry))
        {
            entry = new ThreadEntry(id);
            _entries.Add(id, entry);
        }

        return entry;
    }

    public ThreadEntry? Find(int id) => _entries.GetValueOrDefault(id);

    /// <summary>Drops what belonged to the thread if it died without saying so; true if it did.</summary>
    public bool ForgetIfDead(ThreadEntry entry)
    {
        if (LinuxThreads.IsAlive(entry.Id))
        {
            return false;
        }

        Forget(entry);
        return true;
    }

    public void Remove(ThreadEntry entry)
    {
        if (_entries.TryGetValue(entry.Id, out var known) && ReferenceEquals(known, entry))
        {
            _entries.Remove(entry.Id);
        }
    }

    private void Forget(ThreadEntry entry)
    {
        Remove(entry);
        onGone(entry);
    }
}
