namespace Dvs.Proxy.Emulation.Proxies;

/// <summary>What waits for a sender proxy, first in first out; a command can leave from the middle when its process gives up.</summary>
internal sealed class CommandQueue(int pairId)
{
    private QueuedCommand? _last;

    public int PairId { get; } = pairId;

    public QueuedCommand? First { get; private set; }

    public int Count { get; private set; }

    public void Add(QueuedCommand command)
    {
        command.Queue = this;
        command.Next = null;
        command.Previous = _last;
        if (_last is null)
        {
            First = command;
        }
        else
        {
            _last.Next = command;
        }

        _last = command;
        Count++;
    }

    public void Remove(QueuedCommand command)
    {
        if (command.Previous is null)
        {
            First = command.Next;
        }
        else
        {
            command.Previous.Next = command.Next;
        }

        if (command.Next is null)
        {
            _last = command.Previous;
        }
        else
        {
            command.Next.Previous = command.Previous;
        }

        command.Previous = command.Next = null;
        command.Queue = null;
        Count--;
    }
}
