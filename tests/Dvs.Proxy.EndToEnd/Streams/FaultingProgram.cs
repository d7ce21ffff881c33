using System.Runtime.CompilerServices;
using Dvs.Proxy.Tool.Commands;
using Dvs.Proxy.Tool.Streams;

namespace Dvs.Proxy.EndToEnd.Streams;

/// <summary>A program that begins like the host, and in which something fails that no verb catches.</summary>
internal static class FaultingProgram
{
    public const string Verb = "fault";

    /// <param name="where"><c>thread</c>, <c>task</c>, or anything else for the verb itself.</param>
    public static async Task<int> RunAsync(string where)
    {
        HostStreams.Install();
        UserErrors.CatchTheRest();
        switch (where)
        {
            case "thread":
                new Thread(static () => Fail()).Start();
                await Task.Delay(Timeout.Infinite);
                return 0;
            case "task":
                ForgetTask();
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return 0;
            default:
                return await UserErrors.GuardAsync(static () => Task.Run(static () => Fail()));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForgetTask()
    {
        var task = Task.Run(static () => Fail());
        ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
    }

    private static int Fail() => throw new InvalidDataException("on\npurpose.");
}
