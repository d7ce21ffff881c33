using System.Globalization;
using System.Text;
using Dvs.Proxy.Device.Kernel.Calls;
using Dvs.Proxy.Interop;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Device.Kernel;

public sealed partial class KernelDvkDevice
{
    /// <inheritdoc/>
    public bool HasEnded(int threadId) => !Libc.SignalThread(threadId, 0);

    /// <summary>
    /// The driver refuses a thread it does not know with codes that also have other causes. Where the calling thread is not the bound one, this
    /// says so; a thread that is bound pays one look at a short list, and only after an error.
    /// </summary>
    private DvkError CheckThread(DvkError error, bool isSender)
    {
        if (error is not (DvkError.NotBind or DvkError.NoProxy or DvkError.BadProxy or DvkError.BadCall))
        {
            return error;
        }

        var threadId = CallerThread.Current.Id;
        if (!_pairs.Contains(threadId, isSender))
        {
            ReportWrongThread(threadId, error, isSender);
        }

        return error;
    }

    private void ReportWrongThread(int threadId, DvkError error, bool isSender)
    {
        var message = DescribeWrongThread(threadId, error, isSender);
        if (_logger is { } logger)
        {
            LogWrongThread(logger, message);
        }

        if (_options.ThrowOnWrongThread)
        {
            throw new InvalidOperationException(message);
        }
    }

    private string DescribeWrongThread(int threadId, DvkError error, bool isSender)
    {
        var (call, role) = isSender ? ("get2rmt", "sender") : ("put2lcl", "receiver");
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{call} was called by thread {threadId} ('{Thread.CurrentThread.Name ?? "no name"}'), which is not the {role} thread of a pair: ");
        if (_pairs.All.IsEmpty)
        {
            text.Append("no pair was bound through this device.");
        }
        else
        {
            text.AppendJoin(", ", _pairs.All.ToArray().Select(pair => string.Create(
                CultureInfo.InvariantCulture, $"pair {pair.ProxyId} has sender {pair.SenderThreadId} and receiver {pair.ReceiverThreadId}")));
            text.Append('.');
        }

        text.Append(CultureInfo.InvariantCulture,
            $" The driver answered {error.Describe()}. Make the call on the thread whose id was given to {nameof(BindProxies)}.");
        return text.ToString();
    }

    [LoggerMessage(EventId = 1201, EventName = "WrongThread", Level = LogLevel.Error, Message = "{Problem}")]
    private static partial void LogWrongThread(ILogger logger, string problem);
}
