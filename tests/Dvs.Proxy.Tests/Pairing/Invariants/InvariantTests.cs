using Dvs.Proxy.Pairing.Invariants;

namespace Dvs.Proxy.Tests.Pairing.Invariants;

public sealed class InvariantTests
{
    [Fact]
    public void The_tests_check_invariants() => Assert.True(Invariant.AreChecked);

    [Fact]
    public void A_condition_that_does_not_hold_says_what_is_wrong() =>
        Assert.Equal("Up is down.", Assert.Throws<BrokenInvariantException>(static () => Invariant.Require(false, "Up is down.")).Message);

    [Fact]
    public void The_first_thread_that_uses_an_object_owns_it()
    {
        var owned = new Owned();
        owned.Use();

        owned.Use();
        var stranger = Assert.Throws<BrokenInvariantException>(() => OnOtherThread(owned.Use));

        Assert.Contains($"belongs to thread {Environment.CurrentManagedThreadId}", stranger.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_released_belongs_to_the_next_that_uses_it()
    {
        var owned = new Owned();
        owned.Use();

        owned.Release();
        OnOtherThread(owned.Use);

        Assert.Throws<BrokenInvariantException>(owned.Use);
    }

    private static void OnOtherThread(Action action)
    {
        Exception? fault = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (BrokenInvariantException exception)
            {
                fault = exception;
            }
        });
        thread.Start();
        thread.Join();
        if (fault is not null)
        {
            throw fault;
        }
    }

    private sealed class Owned
    {
        private ThreadOwner _owner;

        public void Use() => _owner.Check();

        public void Release() => _owner.Release();
    }
}
