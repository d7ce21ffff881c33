using System.Text;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Classic;
using Dvs.Proxy.Configuration.Classic.Syntax;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Fuzz.Engine;

namespace Dvs.Proxy.Fuzz.Targets;

/// <summary>The classic configuration file, from its bytes to the resolved peers: bad files end in errors with words and places, never in
/// an exception; files without errors can be used.</summary>
public sealed class ConfigurationTarget : FuzzTarget
{
    private const int LongestDiagnostic = 700;

    private static readonly DvsInfo Limits = new();
    private static readonly Lazy<IReadOnlyList<Seed>> SharedCorpus = new(MakeCorpus);
    private static readonly byte[][] Words = [.. ConfigurationSamples.Words.Select(Encoding.UTF8.GetBytes), [0xFF], [0xC3], [0xEF, 0xBB, 0xBF], [0]];

    private long _good;
    private long _bad;
    private long _unreadable;
    private long _usable;

    /// <inheritdoc/>
    public override string Name => "config";

    /// <inheritdoc/>
    public override IReadOnlyList<Seed> Corpus => SharedCorpus.Value;

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Dictionary => Words;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, long> Outcomes => new Dictionary<string, long>
    {
        ["without errors"] = _good,
        ["with errors"] = _bad,
        ["no text"] = _unreadable,
        ["resolved"] = _usable,
    };

    /// <summary>Set-up code may allocate, but in proportion, and no more than 1,000 diagnostics.</summary>
    public override long AllowedAllocation(int inputLength) => 4_000_000 + (2_000L * inputLength);

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        var bag = new DiagnosticBag("fuzz.cfg");
        var text = ClassicFileReader.Decode(input, bag);
        if (text is null)
        {
            Oracle.Require(bag.HasErrors, "a file without text is an error");
            _unreadable++;
            return;
        }

        var file = ClassicConfiguration.Parse(text, "fuzz.cfg");
        Oracle.Require(file.HasErrors == file.Diagnostics.Any(static item => item.Severity == ConfigurationSeverity.Error));
        CheckDiagnostics(file.Diagnostics, text);
        var everything = file.Check(Limits, localNodeId: 0);
        CheckDiagnostics(everything, text);
        if (file.HasErrors)
        {
            Oracle.Require(everything.Any(static item => item.Severity == ConfigurationSeverity.Error), "errors of the file stay errors");
            CheckRefused(file);
            _bad++;
            return;
        }

        _good++;
        var options = new ProxyOptions();
        file.ApplyTo(options);
        Oracle.Require(options.Peers.Count == file.Options.Peers.Count);
        if (everything.All(static item => item.Severity != ConfigurationSeverity.Error))
        {
            _usable++;
            Oracle.Require(PeerResolver.Resolve(options, Limits, 0).Count == options.Peers.Count);
        }
    }

    private void CheckRefused(ClassicConfiguration file)
    {
        if (_bad % 64 != 0)
        {
            return;
        }

        try
        {
            file.ApplyTo(new ProxyOptions());
        }
        catch (ConfigurationException exception)
        {
            Oracle.Require(exception.Message.Length > 0);
            return;
        }

        Oracle.Fail("a file with errors is not applied");
    }

    private static void CheckDiagnostics(IReadOnlyList<ConfigurationDiagnostic> diagnostics, string text)
    {
        Oracle.Require(diagnostics.Count <= 2 * DiagnosticBag.Limit);
        var lines = 1 + text.AsSpan().Count('\n') + text.AsSpan().Count('\r');
        foreach (var diagnostic in diagnostics)
        {
            Oracle.Require(diagnostic.Line >= 0 && diagnostic.Line <= lines, "a diagnostic is at a line of the file");
            Oracle.Require(diagnostic.Column >= 0 && diagnostic.Column <= text.Length + 1);
            var words = diagnostic.ToString();
            Oracle.Require(words.Length is > 0 and <= LongestDiagnostic, "a diagnostic is short enough to read");
            Oracle.Require(!words.AsSpan().ContainsAnyInRange('\0', '\x1F'), "a diagnostic is one line without control characters");
        }
    }

    private static List<Seed> MakeCorpus() =>
        [.. ConfigurationSamples.Files.Select(static (file, index) => new Seed(Encoding.UTF8.GetBytes(file), [], $"file {index}"))];
}
