using System.Buffers;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Pairing.Session.Simulation;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Session.Window;

public class RetransmitWindowTests
{
    private const int Room = 70_000;
    private readonly CountingPool _pool = new();

    [Fact]
    public void Frames_are_taken_out_as_they_were_put_in_and_again_after_a_rewind()
    {
        using var window = Create();
        for (var frame = 0; frame < 500; frame++)
        {
            Put(window, 1 + (frame * 7 % 3000), (byte)frame, commands: 2);
        }

        var once = TakeAll(window);
        Assert.False(window.TryTakeUnsent(out _));
        Assert.Equal(AcknowledgeResult.Ok, window.Resume(200));
        Assert.Equal(201ul, window.OldestSequence);
        Assert.Equal(new FrameTotals(300, 600, window.Kept.Bytes), window.Kept);
        var again = TakeAll(window);
        Assert.Equal(once.AsSpan(once.Length - again.Length).ToArray(), again);
        Assert.Equal(window.Kept, window.Retransmitted);
        Assert.Equal(again.Length, window.Kept.Bytes);
    }

    [Fact]
    public void An_empty_window_holds_no_memory()
    {
        using var window = Create();
        for (var frame = 0; frame < 300; frame++)
        {
            Put(window, 5000, 1);
        }

        Assert.True(_pool.Outstanding > 1);
        TakeAll(window);
        window.Acknowledge(299);
        Assert.InRange(_pool.Outstanding, 1, 3);
        window.Acknowledge(300);
        Assert.Equal(0, _pool.Outstanding);
        Assert.Equal(0, window.MemoryHeld);
        Assert.True(window.IsEmpty);
        Assert.Equal(default, window.Kept);
    }

    [Fact]
    public void Chunks_go_back_one_by_one()
    {
        using var window = Create();
        for (var frame = 0; frame < 600; frame++)
        {
            Put(window, 5000, 1);
        }

        TakeAll(window);
        var most = _pool.Outstanding;
        for (ulong sequence = 1; sequence <= 600; sequence++)
        {
            var before = _pool.Outstanding;
            window.Acknowledge(sequence);
            Assert.InRange(before - _pool.Outstanding, 0, sequence < 600 ? 1 : 3);
            Assert.True(window.MemoryHeld <= (window.Kept.Bytes * 2) + (3 * 1024 * 1024));
        }

        Assert.True(most > 2);
        Assert.Equal(0, window.MemoryHeld);
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Room_that_was_asked_for_stays_while_all_frames_are_acknowledged()
    {
        using var window = Create();
        Put(window, 100, 1);
        TakeAll(window);
        var room = window.GetRoom(Room);
        window.Acknowledge(1);
        Assert.Equal(1, _pool.Outstanding);
        room.Span.Fill(7);
        window.Append(10, 1, isNumbered: true);
        Assert.Equal([7, 7, 7, 7, 7, 7, 7, 7, 7, 7], TakeAll(window));
        window.GetRoom(Room);
        window.Acknowledge(2);
        window.ReleaseRoom();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Totals_stay_right_when_the_sums_outgrow_32_bits()
    {
        const int Length = 60_000;
        const int CommandsPerFrame = 100_000;
        const int Frames = 80_000;
        using var window = Create();
        for (ulong frame = 1; frame <= Frames; frame++)
        {
            window.GetRoom(Room);
            window.Append(Length, CommandsPerFrame, isNumbered: true);
            Assert.True(window.TryTakeUnsent(out var piece));
            Assert.Equal(Length, piece.Length);
            if (frame > 3)
            {
                window.Acknowledge(frame - 3);
                Assert.Equal(new FrameTotals(3, 3 * CommandsPerFrame, 3 * Length), window.Kept);
                Assert.Equal(window.Kept, window.SentAndKept);
            }
        }

        Assert.True((long)Frames * Length > uint.MaxValue && (long)Frames * CommandsPerFrame > uint.MaxValue);
    }

    [Fact]
    public void Memory_behind_a_committed_frame_stays_the_writers_until_it_is_released()
    {
        using var window = Create();
        var room = window.GetRoom(Room);
        room.Span[..10].Fill(1);
        window.Append(10, 1, isNumbered: true);
        Assert.True(window.TryTakeUnsent(out _));
        window.Acknowledge(1);

        room.Span[10..30].Fill(2);
        window.Append(20, 1, isNumbered: true);

        Assert.Equal(Enumerable.Repeat((byte)2, 20), TakeAll(window));
        window.Acknowledge(2);
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void A_quiet_pair_takes_no_more_than_its_room_and_reuses_it()
    {
        using var window = Create();
        for (ulong frame = 1; frame < 1000; frame++)
        {
            window.GetRoom(Room);
            Assert.Equal(1, _pool.Outstanding);
            Assert.True(window.MemoryHeld < 2 * Room);
            Put(window, 200, 1);
            TakeAll(window);
            window.Acknowledge(frame);
        }
    }

    [Fact]
    public void Limits_are_kept_in_bytes_and_in_frames()
    {
        using var bytes = new RetransmitWindow(DataModel.Lp64, new(200_000, 1000, Room), _pool);
        var count = 0;
        while (bytes.HasRoom)
        {
            Put(bytes, Room, 1);
            count++;
        }

        Assert.Equal(2, count);
        using var frames = new RetransmitWindow(DataModel.Lp64, new(1 << 20, 10, 100), _pool);
        while (frames.HasRoom)
        {
            Put(frames, 1, 1);
            Put(frames, 1, 1);
        }

        Assert.Equal(10, frames.Kept.Frames);
        TakeAll(frames);
        frames.Acknowledge(2);
        Assert.True(frames.HasRoom);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetransmitWindow(DataModel.Lp64, new(10, 10, 100)));
    }

    [Fact]
    public void Acknowledgements_neither_go_back_nor_run_ahead()
    {
        using var window = Create();
        for (var frame = 0; frame < 5; frame++)
        {
            Put(window, 10, 1);
        }

        Assert.Equal(AcknowledgeResult.BeyondSent, window.Acknowledge(1));
        TakeAll(window);
        Put(window, 10, 1);
        Assert.Equal(AcknowledgeResult.Ok, window.Acknowledge(3));
        Assert.Equal(AcknowledgeResult.Ok, window.Acknowledge(3));
        Assert.Equal(AcknowledgeResult.Backwards, window.Acknowledge(2));
        Assert.Equal(AcknowledgeResult.BeyondSent, window.Acknowledge(6));
        Assert.Equal(AcknowledgeResult.BeyondSent, window.Acknowledge(ulong.MaxValue / 4));
        window.Rewind();
        Assert.Equal(AcknowledgeResult.BeyondSent, window.Acknowledge(5));
        Assert.Equal(AcknowledgeResult.Ok, window.Resume(5));
        Assert.Equal(1, window.Kept.Frames);
    }

    [Fact]
    public void Only_what_was_given_to_a_connection_is_of_unknown_fate()
    {
        using var window = Create();
        Put(window, 10, 1, commands: 3);
        Put(window, 20, 2);
        TakeAll(window);
        Put(window, 30, 3, commands: 5);
        window.Rewind();
        Assert.Equal(new FrameTotals(2, 4, 30), window.DropSent());
        Assert.Equal(new FrameTotals(1, 5, 30), window.Kept);
        Assert.Equal(3ul, window.OldestSequence);
        Assert.Equal(default, window.SentAndKept);
        Assert.Equal(30, TakeAll(window).Length);
        Assert.Equal(new FrameTotals(1, 5, 30), window.DropAll());
        Assert.True(window.IsEmpty);
        Assert.Equal(4ul, window.NextSequence);
    }

    [Fact]
    public void Sequences_wrap_under_ilp32()
    {
        using var window = new RetransmitWindow(DataModel.Ilp32, new(1 << 20, 100, 100, uint.MaxValue - 1), _pool);
        for (var frame = 0; frame < 4; frame++)
        {
            window.GetRoom(100).Span[0] = (byte)frame;
            window.Append(1, 1, isNumbered: true);
        }

        Assert.Equal(2ul, window.NextSequence);
        TakeAll(window);
        Assert.Equal(AcknowledgeResult.Ok, window.Acknowledge(0));
        Assert.Equal(1, window.Kept.Frames);
        Assert.Equal(AcknowledgeResult.Backwards, window.Acknowledge(uint.MaxValue));
        Assert.Equal(AcknowledgeResult.Ok, window.Acknowledge(1));
    }

    [Fact]
    public void Mistakes_in_appending_are_noticed_and_change_nothing()
    {
        using var window = Create();
        Assert.Throws<BrokenInvariantException>(() => window.Append(10, 1, isNumbered: true));
        window.GetRoom(100);
        Assert.Throws<BrokenInvariantException>(() => window.Append(10_000_000, 1, isNumbered: true));
        Assert.Throws<BrokenInvariantException>(() => window.Append(-1, 1, isNumbered: true));
        Assert.Throws<BrokenInvariantException>(() => window.Append(0, 1, isNumbered: true));
        Assert.Throws<BrokenInvariantException>(() => window.Append(10, 1, isNumbered: false));
        window.Append(60, 2, isNumbered: true);
        window.Append(40, 3, isNumbered: true);
        Assert.Equal((2, 5, 100), (window.Kept.Frames, window.Kept.Commands, window.Kept.Bytes));
        Assert.True(window.TryTakeUnsent(out var piece));
        Assert.Equal(100, piece.Length);
    }

    [Fact]
    public void Another_thread_than_the_owner_is_noticed()
    {
        using var window = Create();
        window.GetRoom(100);
        Exception? fault = null;
        var thread = new Thread(() => fault = Record.Exception(() => window.Acknowledge(0)));
        thread.Start();
        thread.Join();
        Assert.IsType<BrokenInvariantException>(fault);
    }

    [Fact]
    public void Disposal_gives_everything_back()
    {
        var window = Create();
        for (var frame = 0; frame < 300; frame++)
        {
            Put(window, 5000, 1);
        }

        window.GetRoom(Room);
        window.Dispose();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Steady_traffic_allocates_nothing()
    {
        using var window = new RetransmitWindow(DataModel.Lp64, new(4 << 20, 65_536, Room), ArrayPool<byte>.Create(1 << 22, 32)); // nobody else's
        ulong acknowledged = 0;
        Turn(20);
        Assert.Equal(0, Allocations.Least(() => Turn(20)));

        void Turn(int times)
        {
            for (var time = 0; time < times; time++)
            {
                for (var frame = 0; frame < 400; frame++)
                {
                    window.GetRoom(Room);
                    window.Append(168 + (frame * 10), 1, isNumbered: true);
                }

                while (window.TryTakeUnsent(out _))
                {
                }

                // Half of the time it runs empty, so that memory goes back and is fetched again.
                acknowledged = window.NextSequence - 1 - (ulong)(time % 2 * 10);
                window.Acknowledge(acknowledged);
            }
        }
    }

    private RetransmitWindow Create() => new(DataModel.Lp64, new(8 << 20, 10_000, Room), _pool);

    private static void Put(RetransmitWindow window, int length, byte content, int commands = 1)
    {
        window.GetRoom(Math.Max(length, 1)).Span[..length].Fill(content);
        window.Append(length, commands, isNumbered: true);
    }

    private static byte[] TakeAll(RetransmitWindow window)
    {
        window.ReleaseRoom();
        var all = new List<byte>();
        while (window.TryTakeUnsent(out var piece))
        {
            all.AddRange(piece.Span);
        }

        return [.. all];
    }
}
