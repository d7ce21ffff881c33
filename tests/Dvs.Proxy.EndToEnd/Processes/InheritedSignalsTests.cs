using System.Diagnostics;

namespace Dvs.Proxy.EndToEnd.Processes;

public class InheritedSignalsTests
{
    [Theory]
    [InlineData("INT")]
    [InlineData("QUIT")]
    [InlineData("HUP")]
    public async Task A_child_does_not_inherit_that_a_signal_is_ignored(string name)
    {
        Assert.SkipUnless(InheritedSignals.CanBeReset && File.Exists("/proc/self/status"), "there is no 'env --default-signal' here, or no /proc");
        var reset = new ProcessStartInfo("cat", ["/proc/self/status"]);
        InheritedSignals.ResetAlways(reset);
        string[] ignoring = ["-c", $"trap '' {name}; \"$@\"", "sh"];

        await using var child = ChildProcess.Start("sh", [.. ignoring, reset.FileName, .. reset.ArgumentList]);
        await using var other = ChildProcess.Start("sh", [.. ignoring, "cat", "/proc/self/status"]);
        await child.WaitForExitAsync(Limits.Condition);
        await other.WaitForExitAsync(Limits.Condition);

        Assert.True(InheritedSignals.IsIgnored(name, other.Output), other.Describe());
        Assert.False(InheritedSignals.IsIgnored(name, child.Output), child.Describe());
    }
}
