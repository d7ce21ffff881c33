using System.Numerics;

namespace Dvs.Proxy.Emulation.Processes;

/// <summary>One pending bit per process slot of the DC.</summary>
internal sealed class NotificationSet(int slots)
{
    private readonly ulong[] _words = new ulong[(slots + 63) / 64];

    public void Set(int index) => _words[index >> 6] |= 1UL << (index & 63);

    public bool Clear(int index)
    {
        var bit = 1UL << (index & 63);
        var wasSet = (_words[index >> 6] & bit) != 0;
        _words[index >> 6] &= ~bit;
        return wasSet;
    }

    /// <summary>Lowest pending index, or -1.</summary>
    public int First
    {
        get
        {
            for (var i = 0; i < _words.Length; i++)
            {
                if (_words[i] != 0)
                {
                    return (i * 64) + BitOperations.TrailingZeroCount(_words[i]);
                }
            }

            return -1;
        }
    }

    public void ClearAll() => Array.Clear(_words);
}
