using System.Reflection;
using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Pairing.Session.Window;

/// <summary>The window's limits to the byte and the frame, and the memory of its records.</summary>
public class WindowBoundTests
{
    private const int Room = 1_000;

    [Theory]
    [InlineData(500, true)]
    [InlineData(501, false)]
    public void There_is_room_while_another_turn_fits_and_not_for_a_byte_more(int kept, bool hasRoom)
    {
        using var window = new RetransmitWindow(DataModel.Lp64, new(Room + 500, 100, Room));
        Put(window, kept);
        Assert.Equal(hasRoom, window.HasRoom);

        window.TryTakeUnsent(out _);
        window.Acknowledge(1);
        Assert.True(window.HasRoom);
    }

    [Fact]
    public void There_is_room_while_two_more_frames_fit()
    {
        using var window = new RetransmitWindow(DataModel.Lp64, new(1 << 20, 5, Room));
        Assert.True(Put(window, 1).HasRoom);
        Assert.True(Put(window, 1).HasRoom);
        Assert.True(Put(window, 1).HasRoom);
        Assert.False(Put(window, 1).HasRoom);
        Assert.True(window.TryTakeUnsent(out _));
        window.Acknowledge(1);
        Assert.True(window.HasRoom);
    }

    [Fact]
    public void Records_of_many_frames_are_given_back_and_those_of_few_are_kept()
    {
        var ring = default(FrameRing);
        Fill(ref ring, 60);
        ring.Trim();
        Assert.True(HoldsMemory(ring));

        Fill(ref ring, 1_000);
        Assert.Equal(999, ring[999].Length);
        Assert.Equal(0, ring[0].Length);
        ring.Trim();
        Assert.False(HoldsMemory(ring));

        Fill(ref ring, 10);
        ring.Release();
        Assert.False(HoldsMemory(ring));
    }

    private static void Fill(ref FrameRing ring, int frames)
    {
        for (var ordinal = 0; ordinal < frames; ordinal++)
        {
            ring.EnsureRoom(0, ordinal);
            ring[ordinal].Length = ordinal;
        }
    }

    private static bool HoldsMemory(FrameRing ring) => typeof(FrameRing).GetField("_records", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(ring) is not null;

    private static RetransmitWindow Put(RetransmitWindow window, int length)
    {
        window.GetRoom(Room).Span[..length].Fill(1);
        window.Append(length, 1, isNumbered: true);
        return window;
    }
}
