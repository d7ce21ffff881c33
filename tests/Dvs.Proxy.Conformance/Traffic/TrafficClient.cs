using System.Diagnostics;
using System.Globalization;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Conformance.Traffic;

/// <summary>Makes requests of one kind, one after the other, and checks every answer.</summary>
internal sealed class TrafficClient(IDvkDevice device, TrafficArguments arguments, TextWriter output)
{
    private const int ShownFaults = 5;

    private readonly List<double> _microseconds = [];
    private int _faults;

    /// <summary>Calls on the calling thread.</summary>
    /// <returns>Exit code: 0 when every answer was right.</returns>
    public int Run()
    {
        arguments.Bind(device);
        using var buffer = device.AllocateBuffer(TrafficArguments.MaxBytes);
        var start = Stopwatch.GetTimestamp();
        for (var request = 0; request < arguments.Loops; request++)
        {
            var before = Stopwatch.GetTimestamp();
            var fault = Call(request, buffer);
            _microseconds.Add(Stopwatch.GetElapsedTime(before).TotalMicroseconds);
            if (fault is not null && _faults++ < ShownFaults)
            {
                output.WriteLine($"{arguments.Kind} {request}: {fault}");
            }
        }

        Report(Stopwatch.GetElapsedTime(start));
        return _faults == 0 ? 0 : 1;
    }

    /// <summary>Makes a request.</summary>
    /// <returns>What was wrong; null for nothing.</returns>
    private string? Call(int request, DvkBuffer buffer)
    {
        if (arguments.Kind == TrafficKind.Notify)
        {
            return Describe(device.Notify(WellKnownEndpoint.Self, arguments.Peer, 0));
        }

        var block = buffer.Span[..arguments.Bytes];
        if (arguments.Kind == TrafficKind.Pull)
        {
            TrafficMessage.Fill(block, request);
        }
        else
        {
            block.Clear();
        }

        var message = TrafficMessage.Make((int)arguments.Kind, request, arguments.Bytes, buffer.Address);
        if (arguments.Kind == TrafficKind.Send)
        {
            return Describe(device.Send(arguments.Peer, message, arguments.TimeoutMilliseconds));
        }

        var error = device.SendReceive(arguments.Peer, ref message, arguments.TimeoutMilliseconds);
        return error == DvkError.Ok ? Check(request, message, block) : error.Describe();
    }

    private string? Check(int request, in Message reply, ReadOnlySpan<byte> block)
    {
        if (reply.Type != ((int)arguments.Kind | TrafficMessage.Reply))
        {
            return $"the reply has type {reply.Type}";
        }

        return arguments.Kind switch
        {
            TrafficKind.Echo when TrafficMessage.First(reply) != request => $"{TrafficMessage.First(reply)} came back",
            TrafficKind.Pull or TrafficKind.Push when TrafficMessage.First(reply) != 0 => $"the copy was refused: {((DvkError)TrafficMessage.First(reply)).Describe()}",
            TrafficKind.Pull or TrafficKind.Push when TrafficMessage.Second(reply) != TrafficMessage.Checksum(block) => "other bytes arrived",
            _ => null,
        };
    }

    private void Report(TimeSpan time)
    {
        _microseconds.Sort();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{arguments.Kind}: {arguments.Loops} in {time.TotalSeconds:0.000} s, {_faults} wrong; median {At(0.5):0} us, 99 of 100 within {At(0.99):0} us; {arguments.Bytes * (double)arguments.Loops / time.TotalSeconds / 1e6:0.0} MB/s"));
    }

    private double At(double share) => _microseconds.Count == 0 ? 0 : _microseconds[(int)(share * (_microseconds.Count - 1))];

    private static string? Describe(DvkError error) => error == DvkError.Ok ? null : error.Describe();
}
