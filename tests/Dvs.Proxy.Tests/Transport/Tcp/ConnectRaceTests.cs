using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport.Tcp;
using Microsoft.Extensions.Time.Testing;

namespace Dvs.Proxy.Tests.Transport.Tcp;

/// <summary>Which of several addresses is tried when, who wins, and what is said where none does. Time is the test's.</summary>
public sealed class ConnectRaceTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(250);
    private static readonly IPEndPoint[] Three = [.. new[] { 1, 2, 3 }.Select(static last => new IPEndPoint(IPAddress.Parse($"127.0.0.{last}"), 9))];

    private readonly FakeTimeProvider _time = new();
    private readonly Dialer _dialer = new();

    [Fact]
    public async Task The_next_is_tried_after_a_moment_and_not_before()
    {
        var connecting = Connect(Three);
        await _dialer.Begun(1);
        _time.Advance(Delay - TimeSpan.FromTicks(1));
        Assert.Equal(1, _dialer.Count);

        _time.Advance(TimeSpan.FromTicks(1));
        await _dialer.Begun(2);
        _dialer.Answer(2);

        Assert.Equal(2, (await connecting.Soon()).Number);
        await _dialer.Ended(1); // the first is closed
        Assert.Equal(2, _dialer.Count);
    }

    [Fact]
    public async Task A_failure_brings_the_next_at_once()
    {
        var connecting = Connect(Three);
        await _dialer.Begun(1);
        _dialer.Refuse(1);
        await _dialer.Begun(2);
        _dialer.Refuse(2);
        await _dialer.Begun(3);
        _dialer.Answer(3);

        Assert.Equal(3, (await connecting.Soon()).Number);
    }

    [Fact]
    public async Task One_that_answers_late_still_wins_if_it_is_the_first()
    {
        var connecting = Connect(Three);
        await _dialer.Begun(1);
        _time.Advance(Delay);
        await _dialer.Begun(2);
        _time.Advance(Delay);
        await _dialer.Begun(3);
        _dialer.Answer(1);

        Assert.Equal(1, (await connecting.Soon()).Number);
        await _dialer.Ended(2);
        await _dialer.Ended(3);
    }

    [Fact]
    public async Task A_connection_that_comes_when_another_has_won_is_closed()
    {
        _dialer.IgnoresCancellation = true;
        var connecting = Connect(Three[..2]);
        await _dialer.Begun(1);
        _time.Advance(Delay);
        await _dialer.Begun(2);
        _dialer.Answer(2);
        var winner = await connecting.Soon();

        _dialer.Answer(1);

        await Eventually.TrueAsync(() => _dialer.Made.Any(static made => made is { Number: 1, IsClosed: true }));
        Assert.False(winner.IsClosed);
    }

    [Fact]
    public async Task Where_all_fail_each_is_named_with_its_reason()
    {
        var connecting = Connect(Three[..2]);
        await _dialer.Begun(1);
        _dialer.Refuse(1, SocketError.HostUnreachable);
        await _dialer.Begun(2);
        _dialer.Refuse(2);

        var failure = await Assert.ThrowsAsync<ConnectFailedException>(() => connecting.Soon());
        Assert.False(failure.IsCanceled);
        Assert.Equal("127.0.0.1: no route to the host; 127.0.0.2: connection refused: nobody listens there", failure.Describe("node1"));
    }

    [Fact]
    public async Task Given_up_it_names_what_was_tried_and_closes_it()
    {
        using var giveUp = new CancellationTokenSource();
        var connecting = Connect(Three, giveUp.Token);
        await _dialer.Begun(1);
        _dialer.Refuse(1);
        await _dialer.Begun(2);
        await giveUp.CancelAsync();

        var failure = await Assert.ThrowsAsync<ConnectFailedException>(() => connecting.Soon());
        Assert.True(failure.IsCanceled);
        Assert.Equal("127.0.0.1: connection refused: nobody listens there; 127.0.0.2: no answer", failure.Describe("node1"));
        await _dialer.Ended(2);
    }

    [Fact]
    public async Task One_address_is_tried_on_the_callers_thread_and_its_reason_stands_alone()
    {
        var connecting = Connect(Three[..1]);
        await _dialer.Begun(1);
        Assert.NotEqual("dvs-connect", _dialer.ThreadOf(1));
        _dialer.Refuse(1);

        var failure = await Assert.ThrowsAsync<ConnectFailedException>(() => connecting.Soon());
        Assert.Equal("connection refused: nobody listens there", failure.Describe("127.0.0.1"));
        Assert.Equal("127.0.0.1: connection refused: nobody listens there", failure.Describe("node1"));
    }

    [Fact]
    public async Task What_nobody_expected_reaches_the_caller_and_no_thread_dies_of_it()
    {
        var connecting = Connect(Three[..2]);
        await _dialer.Begun(1);
        _dialer.Fail(1, new InvalidOperationException("unheard of"));
        await _dialer.Begun(2);
        _dialer.Refuse(2);

        Assert.Equal("unheard of", (await Assert.ThrowsAsync<InvalidOperationException>(() => connecting.Soon())).Message);
    }

    private Task<Connection> Connect(IPEndPoint[] endpoints, CancellationToken cancellationToken = default)
    {
        var race = new ConnectRace<Connection>(_dialer.Dial, Delay, _time);
        return Patience.OnThread(() => race.Connect(endpoints, cancellationToken));
    }

    private sealed class Connection(int number) : IDisposable
    {
        public int Number => number;

        public bool IsClosed { get; private set; }

        public void Dispose() => IsClosed = true;
    }

    /// <summary>Attempts that end when the test says so. An address goes by its last byte.</summary>
    private sealed class Dialer
    {
        private readonly ConcurrentDictionary<int, TaskCompletionSource> _answers = new();
        private readonly ConcurrentDictionary<int, string?> _begun = new();
        private readonly ConcurrentDictionary<int, bool> _ended = new();

        public bool IgnoresCancellation { get; set; }

        public int Count => _begun.Count;

        public ConcurrentBag<Connection> Made { get; } = [];

        public Connection Dial(IPEndPoint endpoint, CancellationToken cancellationToken)
        {
            int number = endpoint.Address.GetAddressBytes()[3];
            _begun[number] = Thread.CurrentThread.Name;
            try
            {
                AnswerOf(number).Task.WaitAsync(IgnoresCancellation ? CancellationToken.None : cancellationToken).GetAwaiter().GetResult();
                var connection = new Connection(number);
                Made.Add(connection);
                return connection;
            }
            finally
            {
                _ended[number] = true;
            }
        }

        public string? ThreadOf(int number) => _begun[number];

        public void Answer(int number) => AnswerOf(number).TrySetResult();

        public void Refuse(int number, SocketError error = SocketError.ConnectionRefused) => Fail(number, new SocketException((int)error));

        public void Fail(int number, Exception failure) => AnswerOf(number).TrySetException(failure);

        public Task Begun(int number) => Eventually.TrueAsync(() => _begun.ContainsKey(number));

        public Task Ended(int number) => Eventually.TrueAsync(() => _ended.ContainsKey(number));

        private TaskCompletionSource AnswerOf(int number) => _answers.GetOrAdd(number, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
