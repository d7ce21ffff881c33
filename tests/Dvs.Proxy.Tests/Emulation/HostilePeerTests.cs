using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Device.Contract;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Emulation;

/// <summary>Whatever a peer sends, the driver answers with a code: it does not throw, hang, hoard, or touch memory that was not offered.</summary>
public sealed class HostilePeerTests
{
    private const int Guard = 0xA5;
    private const int Rounds = 30_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_commands_change_nothing_but_offered_memory(int seed)
    {
        using var device = EmulatedDvk.StartNode(0);
        device.StartDc(new DcInfo { DcId = 0 });
        using var sender = new DriverThread(device, "sender");
        using var receiver = new DriverThread(device, "receiver");
        using var victim = new DriverThread(device, "victim");
        using var other = new DriverThread(device, "other");
        device.BindProxies("node1", 1, sender.Id, receiver.Id, 65_536);
        device.NodeUp("node1", 1, 1);
        device.AddNode(0, 1);
        device.SetProxyConnection(1, ProxyConnectionChange.SenderConnected);
        device.SetProxyConnection(1, ProxyConnectionChange.ReceiverConnected);
        for (var endpoint = 5; endpoint < 9; endpoint++)
        {
            Assert.Equal(DvkError.Ok, device.TryBind(BindRequest.Remote(0, endpoint, 1, "peer"), out _));
        }

        var offered = Bind(device, victim, 3);
        var offeredToo = Bind(device, other, 4);
        var unoffered = GC.AllocateArray<byte>(4_096, pinned: true);
        unoffered.AsSpan().Fill(Guard);
        var unofferedAddress = (ulong)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(unoffered, 0);
        var receiving = new[] { StartReceiving(device, victim, 3), StartReceiving(device, other, 4) };

        var counts = receiver.Call(() => Bombard(device, seed, [offered.Address, offeredToo.Address, unofferedAddress]));

        Assert.True(counts.Ok > 0, "nothing got through: the test does not reach the driver's effects");
        Assert.True(counts.Refused > 0);
        Assert.All(unoffered, b => Assert.Equal(Guard, b));
        var drained = sender.Call(() => Drain(device));
        Assert.True(drained <= 32 * 256, "the driver hoards answers");
        // It still works.
        device.Interrupt(victim.Id);
        DriverThread.Finish(receiving[0]);
        Assert.Equal(DvkError.Again, victim.Call(() => DrainMessages(device)));
        device.Interrupt(other.Id);
        DriverThread.Finish(receiving[1]);
    }

    private static DvkBuffer Bind(EmulatedDvk device, DriverThread thread, int endpoint) => thread.Call(() =>
    {
        Assert.Equal(DvkError.Ok, device.TryBind(BindRequest.Self(0, endpoint, "victim"), out _));
        return device.AllocateBuffer(70_000);
    });

    // Receives until it is interrupted.
    private static Task<int> StartReceiving(EmulatedDvk device, DriverThread thread, int endpoint)
    {
        var task = thread.Start(() =>
        {
            var count = 0;
            while (device.Receive(WellKnownEndpoint.Any, out _, -1) == DvkError.Ok)
            {
                count++;
            }

            return count;
        });
        Eventually.True(() => (device.GetProcessInfo(0, endpoint).Status & ProcessStatus.Receiving) != 0, "the process receives");
        return task;
    }

    private static DvkError DrainMessages(EmulatedDvk device)
    {
        DvkError error;
        while ((error = device.Receive(WellKnownEndpoint.Any, out _, 0)) == DvkError.Ok)
        {
        }

        return error;
    }

    private static int Drain(EmulatedDvk device)
    {
        var payload = new byte[65_536];
        var count = 0;
        DvkError error;
        while ((error = device.GetToRemote(out var header, payload, 0)) != DvkError.TimedOut)
        {
            // What can't be read any more, or is for nobody, fails its fetch.
            Assert.Contains(error, new[] { DvkError.Ok, DvkError.Fault, DvkError.BadProcess });
            Assert.InRange(header.PayloadLength, 0, 65_536);
            count++;
        }

        return count;
    }

    private static (int Ok, int Refused) Bombard(EmulatedDvk device, int seed, ulong[] addresses)
    {
        var random = new Random(seed);
        var payload = new byte[65_600];
        random.NextBytes(payload);
        var (ok, refused) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var header = RandomHeader(random, addresses);
            var length = random.Next(4) == 0 ? random.Next(payload.Length) : Math.Clamp(header.PayloadLength, 0, payload.Length);
            var error = device.PutToLocal(header, payload.AsSpan(0, length));
            Assert.InRange((int)error, -600, 0);
            if (error == DvkError.Ok)
            {
                ok++;
            }
            else
            {
                refused++;
            }
        }

        return (ok, refused);
    }

    private static CommandHeader RandomHeader(Random random, ulong[] addresses)
    {
        // Mostly plausible, so that it gets past the first checks; each field is wild now and then.
        int Pick(params int[] likely) => random.Next(20) == 0 ? Wild(random) : likely[random.Next(likely.Length)];
        var length = Pick(0, 1, 100, 65_536, 65_537);
        var header = new CommandHeader
        {
            Command = (CommandCode)Pick([.. Enum.GetValues<CommandCode>().Select(c => (int)c)]),
            DcId = Pick(0),
            SourceEndpoint = Pick(5, 6, 7, 8),
            DestinationEndpoint = Pick(3, 4),
            SourceNode = Pick(1),
            DestinationNode = Pick(0),
            ResultCode = Pick(0, -1, 1),
            PayloadLength = random.Next(5) == 0 ? Wild(random) : length,
            Flags = (CommandFlags)random.NextInt64(),
            Copy = new CopyDescriptor
            {
                SourceEndpoint = Pick(3, 4, 5),
                DestinationEndpoint = Pick(3, 4, 5),
                RequesterEndpoint = Pick(3, 5, 6),
                SourceAddress = Address(random, addresses),
                DestinationAddress = Address(random, addresses),
                Length = length,
            },
        };
        return header;
    }

    private static ulong Address(Random random, ulong[] addresses) => random.Next(3) == 0
        ? (ulong)random.NextInt64(long.MinValue, long.MaxValue)
        : addresses[random.Next(addresses.Length)] + (ulong)random.Next(-100, 70_100);

    private static int Wild(Random random) => random.Next(3) switch
    {
        0 => random.Next(int.MinValue, int.MaxValue),
        1 => random.Next(-40, 300),
        _ => new[] { int.MinValue, int.MaxValue, -1, 31, 32, 63, 64, WellKnownEndpoint.Any, WellKnownEndpoint.None }[random.Next(9)],
    };
}
