using System.Globalization;

namespace Dvs.Proxy.Pairing.Invariants;

/// <summary>
/// The thread that owns an object: the first that uses it, until it is released. A field of the owned object, which calls <see cref="Check"/>
/// at the beginning of what only its owner may do. Costs nothing where invariants are not checked. Behaviour: InvariantTests.
/// </summary>
internal struct ThreadOwner
{
    private int _threadId;

    /// <summary>The calling thread uses what it owns, or takes it where nobody owns it.</summary>
    /// <exception cref="BrokenInvariantException">Another thread owns it.</exception>
    public void Check()
    {
        if (Invariant.AreChecked)
        {
            CheckThread(ref _threadId);
        }
    }

    /// <summary>The next thread that uses it owns it: what is handed from one thread to another.</summary>
    public void Release()
    {
        if (Invariant.AreChecked)
        {
            Volatile.Write(ref _threadId, 0);
        }
    }

    private static void CheckThread(ref int owner)
    {
        var own = Environment.CurrentManagedThreadId;
        var other = Interlocked.CompareExchange(ref owner, own, 0);
        if (other != 0 && other != own)
        {
            Invariant.Fail(string.Create(CultureInfo.InvariantCulture, $"Thread {own} uses what belongs to thread {other}."));
        }
    }
}
