using System.Text;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Fuzz;

namespace Dvs.Proxy.Tests.Fuzzing;

/// <summary>What fuzzing found, each by its name: the input reduced to its point, and the promise it broke.</summary>
public class FuzzRegressionTests
{
    /// <summary>The system's message about a name that is too long quotes the name; seed 20260101 of the target config.</summary>
    [Theory]
    [InlineData('\u0003', 300)]
    [InlineData('\n', 5000)]
    [InlineData('x', 5000)]
    public void A_tls_file_name_with_control_characters_or_too_long_does_not_spill_into_the_diagnostics(char letter, int length)
    {
        var escaped = letter == '\n' ? "\\n" : letter.ToString();
        var name = "a" + new StringBuilder().Insert(0, escaped, length) + ".pem";
        var text = $"proxy a {{ proxyid 1; sequence YES; tls {{ cert \"{name}\"; key \"{name}k\"; ca \"{name}c\"; }}; }};";

        var found = ClassicConfiguration.Parse(text, "f").Check();

        var errors = found.Where(static item => item.Severity == ConfigurationSeverity.Error).ToList();
        Assert.Equal(3, errors.Count(static item => item.Problem.StartsWith("cannot be read: ", StringComparison.Ordinal)));
        Assert.All(found, static item => Assert.DoesNotContain(item.ToString(), static c => char.IsControl(c)));
        Assert.All(found, static item => Assert.InRange(item.ToString().Length, 1, 700));
        FuzzTargets.Configuration(Encoding.UTF8.GetBytes(text));
    }
}
