using Dvs.Proxy.Configuration.Classic;
using Dvs.Proxy.Configuration.Classic.Syntax;
using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Configuration;

/// <summary>
/// A classic configuration file (<c>multi_proxy.cfg</c>), read: the options it describes, and everything that is wrong with it. Reading never
/// stops at the first error. Immutable but for <see cref="Options"/>; thread-safe to read.
/// </summary>
public sealed class ClassicConfiguration
{
    /// <summary>Largest file that is read, in bytes: 1 MiB.</summary>
    public const int MaxFileBytes = 1 << 20;

    private readonly IReadOnlyList<ConfigurationDiagnostic> _fileDiagnostics;
    private readonly bool _isReadable;

    private ClassicConfiguration(ProxyOptions options, bool isReadable, DiagnosticBag diagnostics)
    {
        Options = options;
        FileName = diagnostics.File;
        _isReadable = isReadable;
        _fileDiagnostics = diagnostics.ToSortedList();
        Diagnostics = Combine(isReadable ? ProxyOptionsRules.ValidateStatic(options) : []);
        HasErrors = Diagnostics.Any(diagnostic => diagnostic.Severity == ConfigurationSeverity.Error);
    }

    /// <summary>The file's name, as it was given.</summary>
    public string FileName { get; }

    /// <summary>What the file says. With <see cref="HasErrors"/>, what could be understood of it.</summary>
    public ProxyOptions Options { get; }

    /// <summary>Every error and warning that shows without a driver, in the order of the file.</summary>
    public IReadOnlyList<ConfigurationDiagnostic> Diagnostics { get; }

    /// <summary>Whether one of the <see cref="Diagnostics"/> is an error.</summary>
    public bool HasErrors { get; }

    /// <summary>Reads a file that has to be good.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read or has errors: all of them, one per line.</exception>
    public static ClassicConfiguration Load(string path)
    {
        var configuration = Read(path);
        configuration.ThrowIfErrors();
        return configuration;
    }

    /// <summary>Reads a file, good or bad. An unreadable one (missing, a directory, no permission, too large, not UTF-8 text) is a diagnostic, too.</summary>
    public static ClassicConfiguration Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var diagnostics = new DiagnosticBag(path);
        return Create(ClassicFileReader.Read(path, diagnostics), diagnostics);
    }

    /// <summary>Reads a text, good or bad.</summary>
    /// <param name="text">What stands in the file.</param>
    /// <param name="fileName">The name for messages.</param>
    public static ClassicConfiguration Parse(string text, string fileName)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(fileName);
        var diagnostics = new DiagnosticBag(fileName);
        return Create(ClassicFileReader.RefuseNul(text, diagnostics), diagnostics);
    }

    /// <summary>All keys of the format: for help and documentation.</summary>
    internal static IReadOnlyList<ConfigurationKeyDescription> DescribeKeys() =>
        [.. ClassicKeys.Node.Describe(), .. ClassicKeys.Peer.Describe(), .. ClassicKeys.Tls.Describe()];

    /// <summary>
    /// Everything that is wrong with the file on a node: <see cref="Diagnostics"/>, and what only the driver's limits, the local node and the
    /// registered transports show. This is what a start of the proxy would say. Where no error is in the file, what has to hold at nodes that may run
    /// classic C proxies is among the warnings.
    /// </summary>
    /// <param name="limits">The driver's limits; null takes a driver's defaults.</param>
    /// <param name="localNodeId">The driver's node id; negative takes <c>nodeid</c> of the file, and without that leaves out what depends on it.</param>
    /// <param name="transportNames">The registered transports; null takes TCP alone.</param>
    public IReadOnlyList<ConfigurationDiagnostic> Check(DvsInfo? limits = null, int localNodeId = -1, IReadOnlyCollection<string>? transportNames = null) =>
        _isReadable
            ? Combine(
                [.. ProxyOptionsRules.Validate(Options, limits ?? new DvsInfo(), localNodeId, transportNames ?? ProxyOptionsRules.BuiltInTransports),
                 .. HasErrors ? [] : ProxyOptionsRules.AdviseOnClassicPeers(Options)])
            : Diagnostics;

    /// <summary>
    /// Copies what the file says into options, for the options system: <c>services.Configure&lt;ProxyOptions&gt;(file.ApplyTo)</c>. The options
    /// remember the file, so that validation at start names line and column.
    /// </summary>
    /// <exception cref="ConfigurationException">The file has errors.</exception>
    public void ApplyTo(ProxyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfErrors();
        options.NodeId = Options.NodeId;
        options.NodeName = Options.NodeName;
        options.BasePort = Options.BasePort;
        options.DataModel = Options.DataModel;
        options.OnStop = Options.OnStop;
        options.Source = Options.Source;
        options.Peers.Clear();
        foreach (var peer in Options.Peers)
        {
            options.Peers.Add(peer);
        }
    }

    private static ClassicConfiguration Create(string? text, DiagnosticBag diagnostics)
    {
        if (text is null)
        {
            return new ClassicConfiguration(new ProxyOptions(), false, diagnostics);
        }

        var statements = new ClassicSyntaxParser(new ClassicLexer(text, diagnostics), diagnostics).ParseFile();
        return new ClassicConfiguration(new ClassicBinder(diagnostics).Bind(statements), true, diagnostics);
    }

    private void ThrowIfErrors()
    {
        if (HasErrors)
        {
            throw new ConfigurationException(Diagnostics);
        }
    }

    private IReadOnlyList<ConfigurationDiagnostic> Combine(IReadOnlyList<ConfigurationDiagnostic> rules) =>
        rules.Count == 0 ? _fileDiagnostics : DiagnosticBag.Sort(_fileDiagnostics.Concat(rules));
}
