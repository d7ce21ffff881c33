using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Classic.Syntax;
using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Tests.Configuration;

/// <summary>The errors that the rules find in options, as their user reads them, in the order of the file or the options.</summary>
internal static class OptionErrors
{
    /// <summary>On a node whose driver has the classic limits.</summary>
    public static string[] Of(ProxyOptions options, int nodeId = 0) => Texts(ProxyOptionsRules.Validate(options, new DvsInfo(), nodeId, ["tcp"]));

    /// <summary>Of the rules that need no driver.</summary>
    public static string[] OfStatic(ProxyOptions options) => Texts(ProxyOptionsRules.ValidateStatic(options));

    private static string[] Texts(IEnumerable<ConfigurationDiagnostic> found) =>
        [.. DiagnosticBag.Sort(found.Where(diagnostic => diagnostic.Severity == ConfigurationSeverity.Error)).Select(diagnostic => diagnostic.ToString())];
}
