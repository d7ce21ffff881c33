using System.Reflection;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Tests.TestDoubles.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Dvs.Proxy.Tests.Diagnostics.Logging;

/// <summary>What stands between the proxy and its log: nothing is thrown, nothing floods, nothing comes through raw.</summary>
public class ProxyLoggerTests
{
    private const int Burst = 3;

    // Every message that is not limited, and why it cannot flood. All others are: a peer, a stranger or a fault may cause them.
    private static readonly Dictionary<int, string> Exempt = new()
    {
        [100] = "once at the start",
        [101] = "once at the stop",
        [102] = "once a thread, at the stop",
        [104] = "once a thread: it ends",
        [105] = "once a pair, at the start",
        [106] = "once a listener, at start and resume",
        [107] = "once a line of the configuration",
        [108] = "once at the start",
        [109] = "once at the stop",
        [110] = "once each time an operator parks",
        [111] = "once each time an operator resumes",
        [112] = "once a pair each time an operator parks",
        [113] = "once a pair, at the stop",
        [114] = "once a DC that an operator starts",
        [115] = "once a DC until it is mended",
        [116] = "once at the start",
        [117] = "once at the exit",
        [119] = "once a thread: it ends",
        [210] = "once a pair, at the stop",
        [212] = "once a pair, at stop or parking",
        [600] = "once a set of TLS files, at the start",
    };

    public static TheoryData<string> Messages() => new(Methods().Select(static method => method.Name));

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_is_limited_or_there_is_a_reason(string name)
    {
        var method = Methods().Single(candidate => candidate.Name == name);
        var eventId = method.GetCustomAttribute<LoggerMessageAttribute>()!.EventId;
        var sink = new CapturingLoggerFactory();
        var logger = NewLogger(sink, new FakeTimeProvider());

        for (var number = 0; number < 100; number++)
        {
            method.Invoke(null, [logger, .. method.GetParameters().Skip(1).Select(static parameter => Value(parameter.ParameterType))]);
        }

        Assert.Equal(Exempt.ContainsKey(eventId) ? 100 : Burst, sink.EventIds.Count);
        Assert.Equal(0, logger.Failures.Total);
    }

    [Fact]
    public void Every_exemption_is_of_a_message_and_every_message_has_its_own_number()
    {
        var numbers = Methods().Select(static method => method.GetCustomAttribute<LoggerMessageAttribute>()!.EventId).ToList();
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
        Assert.Empty(Exempt.Keys.Except(numbers));
    }

    [Fact]
    public void After_the_period_the_next_message_says_how_many_were_left_out()
    {
        var time = new FakeTimeProvider();
        var sink = new CapturingLoggerFactory();
        var logger = NewLogger(sink, time);
        for (var number = 0; number < Burst + 1; number++)
        {
            ProxyLog.ReceiverConnected(logger, "node1", "127.0.0.1:5");
        }

        time.Advance(TimeSpan.FromSeconds(10));
        ProxyLog.ReceiverConnected(logger, "node1", "127.0.0.1:5");
        ProxyLog.ReceiverConnected(logger, "node1", "127.0.0.1:5");

        Assert.EndsWith(" One such message was left out before.", sink.Messages.ElementAt(Burst), StringComparison.Ordinal);
        Assert.DoesNotContain("left out", sink.Messages.ElementAt(0), StringComparison.Ordinal);
        Assert.DoesNotContain("left out", sink.Messages.ElementAt(Burst + 1), StringComparison.Ordinal);
    }

    [Fact]
    public void One_source_does_not_silence_another()
    {
        var sink = new CapturingLoggerFactory();
        var one = NewLogger(sink, new FakeTimeProvider());
        var other = one.ForSource();
        for (var number = 0; number < 10; number++)
        {
            ProxyLog.ReceiverConnected(one, "node1", "a");
        }

        ProxyLog.ReceiverConnected(other, "node2", "b");

        Assert.Equal(Burst + 1, sink.Messages.Count);
    }

    [Fact]
    public void A_log_that_throws_is_counted_and_written_again_once_it_works()
    {
        var log = new FailingLogger { Fails = true };
        var logger = NewLogger(log, new FakeTimeProvider());

        ProxyLog.Stopped(logger, 0);
        Assert.Equal(1, logger.Failures.Total);
        log.Fails = false;
        ProxyLog.Stopped(logger, 0);

        Assert.Equal(1, logger.Failures.Total);
        Assert.Single(log.Messages);
        Assert.Same(logger.Failures, logger.ForSource().Failures);
    }

    [Fact]
    public void What_a_peer_calls_itself_cannot_write_lines_of_its_own()
    {
        var sink = new CapturingLoggerFactory();
        ProxyLog.RemoteBindAnswered(NewLogger(sink, new FakeTimeProvider()), "node1", "\u001b[1A\rCritical:\n", 5, 0, "OK");

        Assert.Contains("\"\\x1b[1A\\rCritical:\\n\"", Assert.Single(sink.Messages), StringComparison.Ordinal);
    }

    private static ProxyLogger NewLogger(ILogger sink, TimeProvider time) => new(sink, time, Burst, TimeSpan.FromSeconds(10), new LogFailures());

    private static IEnumerable<MethodInfo> Methods() => typeof(ProxyLog)
        .GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        .Where(static method => method.GetCustomAttribute<LoggerMessageAttribute>() is not null);

    private static object? Value(Type type) =>
        type == typeof(string) ? "x"
        : type == typeof(Exception) ? new InvalidOperationException("x")
        : Activator.CreateInstance(type);
}
