namespace Dvs.Proxy.Pairing.Control;

/// <summary>Owns the wait for the answer to a control request, of which there is one at a time. Thread-safe. Behaviour:
/// ControlMessageExchangeTests.</summary>
internal sealed class PendingControlRequest : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile TaskCompletionSource<int>? _waiting;

    /// <summary>Waits for its turn, sends, waits for the answer.</summary>
    /// <exception cref="InvalidOperationException">The request could not be queued.</exception>
    /// <exception cref="OperationCanceledException">Either token.</exception>
    public async Task<int> SendAsync(Func<bool> send, CancellationToken stopping, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        await _turn.WaitAsync(either.Token).ConfigureAwait(false);
        try
        {
            var waiting = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting = waiting;
            if (!send())
            {
                throw new InvalidOperationException(
                    "Too many control messages wait for the connection to this peer. Try again when it is connected.");
            }

            return await waiting.Task.WaitAsync(either.Token).ConfigureAwait(false);
        }
        finally
        {
            _waiting = null;
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>Hands an answer to whoever waits; an answer nobody waits for is dropped.</summary>
    public bool TryAnswer(int result) => _waiting?.TrySetResult(result) ?? false;
}
