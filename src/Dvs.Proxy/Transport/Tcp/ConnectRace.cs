using System.Net;
using System.Net.Sockets;

namespace Dvs.Proxy.Transport.Tcp;

/// <summary>
/// Connects to one of several addresses of a host (happy eyeballs, RFC 8305): the next attempt begins when the one before has failed, or has
/// had no answer for a moment; the first that connects wins, and the others are closed. Every attempt blocks a thread, the only one of a
/// host with one address the caller's.
/// </summary>
/// <param name="dial">Makes one connection, blocking; ends with an exception when it is cancelled.</param>
/// <param name="attemptDelay">How long an attempt is alone.</param>
/// <param name="time">Measures that.</param>
internal sealed class ConnectRace<T>(Func<IPEndPoint, CancellationToken, T> dial, TimeSpan attemptDelay, TimeProvider time)
    where T : class, IDisposable
{
    private const int AttemptStackBytes = 256 * 1024;

    /// <summary>The first connection that is made.</summary>
    /// <param name="endpoints">Where, in the order to try; at least one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConnectFailedException">Every attempt failed, or, with <see cref="ConnectFailedException.IsCanceled"/>, was given up.</exception>
    internal T Connect(IReadOnlyList<IPEndPoint> endpoints, CancellationToken cancellationToken)
    {
        if (endpoints.Count == 1)
        {
            return DialAlone(endpoints[0], cancellationToken);
        }

        using var round = new Round(this, endpoints);
        using var abandoning = cancellationToken.UnsafeRegister(static state => ((Round)state!).Abandon(), round);
        return round.Run();
    }

    private T DialAlone(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            return dial(endpoint, cancellationToken);
        }
        catch (SocketException failure)
        {
            throw new ConnectFailedException([new(endpoint.Address, failure)], isCanceled: false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new ConnectFailedException([new(endpoint.Address, null)], isCanceled: true);
        }
    }

    /// <summary>The attempts of one call.</summary>
    private sealed class Round(ConnectRace<T> race, IReadOnlyList<IPEndPoint> endpoints) : IDisposable
    {
        private readonly CancellationTokenSource _over = new();
        private CancellationToken _token;
        private readonly object _gate = new(); // waited on, too
        private readonly List<ConnectAttempt> _attempts = [];
        private T? _winner;
        private Exception? _unexpected;
        private int _failed;
        private bool _nextIsDue;
        private bool _isAbandoned;
        private bool _isOver;

        public T Run()
        {
            _token = _over.Token;
            using var pause = race.CreateTimer(this);
            while (NextAttempt() is { } next)
            {
                pause.Change(race.AttemptDelay, Timeout.InfiniteTimeSpan);
                Start(next);
            }

            return _winner ?? throw (_unexpected ?? new ConnectFailedException(Attempts(), _isAbandoned));
        }

        /// <summary>Waits until another attempt is due; null when the round is over.</summary>
        private int? NextAttempt()
        {
            lock (_gate)
            {
                while (!HasEnded && !(_attempts.Count < endpoints.Count && IsNextDue))
                {
                    Monitor.Wait(_gate);
                }

                if (HasEnded)
                {
                    _isOver = true;
                    return null;
                }

                _attempts.Add(new(endpoints[_attempts.Count].Address, null));
                _nextIsDue = false;
                return _attempts.Count - 1;
            }
        }

        private ConnectAttempt[] Attempts()
        {
            lock (_gate)
            {
                return [.. _attempts];
            }
        }

        private bool HasEnded => _winner is not null || _isAbandoned || _failed == endpoints.Count;

        private bool IsNextDue => _nextIsDue || _failed == _attempts.Count;

        // Closes what is under way. An attempt may ask the token even after that: it stays cancelled.
        public void Dispose()
        {
            _over.Cancel();
            _over.Dispose();
        }

        public void Abandon() => Note(static round => round._isAbandoned = true);

        public void AllowNext() => Note(static round => round._nextIsDue = true);

        private void Note(Action<Round> change)
        {
            lock (_gate)
            {
                change(this);
                Monitor.PulseAll(_gate);
            }
        }

        private void Start(int index)
        {
            try
            {
                new Thread(() => Attempt(index), AttemptStackBytes) { IsBackground = true, Name = "dvs-connect" }.Start();
            }
            catch (Exception failure) when (failure is OutOfMemoryException or ThreadStartException)
            {
                Fail(index, new SocketException((int)SocketError.NoBufferSpaceAvailable));
            }
        }

        private void Attempt(int index)
        {
            try
            {
                var connection = race.Dial(endpoints[index], _token);
                if (!TryWin(connection))
                {
                    connection.Dispose();
                }
            }
            catch (OperationCanceledException) when (_token.IsCancellationRequested)
            {
                // Another one was first, or nobody waits any more.
            }
            catch (SocketException failure)
            {
                Fail(index, failure);
            }
            catch (Exception failure)
            {
                // For the caller, not for this thread: there it would end the process.
                lock (_gate)
                {
                    _unexpected ??= failure;
                }

                Fail(index, new SocketException((int)SocketError.SocketError));
            }
        }

        private bool TryWin(T connection)
        {
            lock (_gate)
            {
                if (_winner is not null || _isOver)
                {
                    return false;
                }

                _winner = connection;
                Monitor.PulseAll(_gate);
                return true;
            }
        }

        private void Fail(int index, SocketException failure)
        {
            lock (_gate)
            {
                _attempts[index] = _attempts[index] with { Failure = failure };
                _failed++;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private TimeSpan AttemptDelay => attemptDelay;

    private T Dial(IPEndPoint endpoint, CancellationToken cancellationToken) => dial(endpoint, cancellationToken);

    private ITimer CreateTimer(Round round) =>
        time.CreateTimer(static state => ((Round)state!).AllowNext(), round, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
}
