namespace Dvs.Proxy.Emulation.Processes;

/// <summary>Processes, local and remote, whose message waits for one destination, in order of arrival. A process is in at most one.</summary>
internal sealed class CallerQueue
{
    private ProcessSlot? _last;

    public ProcessSlot? First { get; private set; }

    public void Add(ProcessSlot caller)
    {
        caller.QueuedAt = this;
        caller.NextCaller = null;
        if (_last is null)
        {
            First = caller;
        }
        else
        {
            _last.NextCaller = caller;
        }

        _last = caller;
    }

    public void Remove(ProcessSlot caller)
    {
        ProcessSlot? previous = null;
        for (var slot = First; slot is not null; previous = slot, slot = slot.NextCaller)
        {
            if (!ReferenceEquals(slot, caller))
            {
                continue;
            }

            if (previous is null)
            {
                First = caller.NextCaller;
            }
            else
            {
                previous.NextCaller = caller.NextCaller;
            }

            if (ReferenceEquals(_last, caller))
            {
                _last = previous;
            }

            caller.NextCaller = null;
            caller.QueuedAt = null;
            return;
        }
    }

    /// <summary>The first caller that <paramref name="endpoint"/> (or ANY) admits; null if there is none.</summary>
    public ProcessSlot? Find(int endpoint)
    {
        for (var slot = First; slot is not null; slot = slot.NextCaller)
        {
            if (endpoint == Protocol.WellKnownEndpoint.Any || endpoint == slot.Endpoint)
            {
                return slot;
            }
        }

        return null;
    }
}
