using System.Buffers.Binary;

namespace Dvs.Proxy.Fuzz.Engine;

/// <summary>Damages good inputs: one to eight wounds each, half of them at the fields that decide most.</summary>
public sealed class Mutator
{
    private const int MostWounds = 8;

    private static readonly byte[] InterestingBytes = [0, 1, 2, 0x0F, 0x10, 0x1F, 0x40, 0x60, 0x7F, 0x80, 0xA8, 0xF0, 0xFE, 0xFF];

    private static readonly long[] InterestingNumbers =
    [
        0, 1, -1, 2, 3, 4, 15, 16, 17, 31, 32, 119, 120, 121, 135, 136, 167, 168, 169, 183, 184, 336, 389, 390, 391, 546, 547,
        65_519, 65_520, 65_535, 65_536, 65_537, 65_552, 65_553, 0xFFFF, 0x1_0000, 0x10_0000, 0x40_0000, int.MaxValue, int.MinValue,
        int.MaxValue - 15, int.MaxValue - 167, uint.MaxValue, 1L << 32, long.MaxValue, long.MinValue, 0x2000, 0x2006, 0x0D50, 0x0D51, 0x0D52,
        0x0D53, 0x1004, 0x1007, 0x184D2204,
    ];

    private static readonly ulong[] InterestingFlags = [1, 2, 3, 4, 7, 1 << 16, 1 << 17, 3 << 16, (3 << 16) | 3, (1 << 16) | 1, (1 << 16) | 2, (1 << 17) | 2];

    private static readonly int[] InterestingCodes =
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15, 0x1004, 0x1007, 0x2001, 0x2003, 0x2005, 0x2006, 0x2008, 0x0D50, 0x0D51, 0x0D52, 0x0D53, -1];

    private readonly IReadOnlyList<Seed> _corpus;
    private readonly IReadOnlyList<byte[]> _dictionary;

    /// <summary>A mutator for one target's corpus.</summary>
    public Mutator(FuzzTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        _corpus = target.Corpus;
        _dictionary = target.Dictionary;
    }

    /// <summary>Makes one input.</summary>
    public void Make(MutableInput input, FuzzRandom random)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(random);
        var seed = _corpus[random.Next(_corpus.Count)];
        input.Set(seed.Bytes);

        // Fields first: the other wounds move them.
        for (var wounds = random.Next(4); wounds > 0 && seed.Fields.Count > 0; wounds--)
        {
            EditField(input.Span, PickField(seed, random), random);
        }

        for (var wounds = random.Next(random.Next(1, MostWounds + 1)); wounds > 0 && input.Length > 0; wounds--)
        {
            Wound(input, random);
        }
    }

    // The first frame is what most inputs get as far as.
    private static Field PickField(Seed seed, FuzzRandom random) =>
        seed.Fields[random.Next(random.OneIn(2) ? Math.Min(12, seed.Fields.Count) : seed.Fields.Count)];

    private void Wound(MutableInput input, FuzzRandom random)
    {
        var position = random.Next(random.OneIn(2) ? Math.Min(input.Length, 256) : input.Length);
        switch (random.Next(11))
        {
            case 0 or 1:
                input.Span[position] ^= (byte)(1 << random.Next(8));
                break;
            case 2:
                input.Span[position] = random.Pick<byte>(InterestingBytes);
                break;
            case 3:
                input.Span[position] = (byte)random.Next64();
                break;
            case 4:
                EditField(input.Span, new Field(position & ~3, random.OneIn(4) ? 8 : 4, FieldKind.Other), random);
                break;
            case 5:
                input.Truncate(position);
                break;
            case 6:
                input.Remove(position, random.Next(1, random.OneIn(4) ? input.Length + 1 : 17));
                break;
            case 7:
                random.Fill(input.Open(position, random.Next(1, 17)));
                break;
            case 8:
                Duplicate(input, position, random);
                break;
            case 9:
                Splice(input, position, random);
                break;
            default:
                InsertWord(input, position, random);
                break;
        }
    }

    private static void Duplicate(MutableInput input, int position, FuzzRandom random)
    {
        Span<byte> copy = stackalloc byte[512];
        var length = Math.Min(random.Next(1, random.OneIn(2) ? copy.Length : 24), input.Length - position);
        input.Span.Slice(position, length).CopyTo(copy);
        input.Insert(random.Next(input.Length + 1), copy[..length]);
    }

    private void Splice(MutableInput input, int position, FuzzRandom random)
    {
        var other = _corpus[random.Next(_corpus.Count)].Bytes;
        input.Truncate(position);
        input.Insert(position, other.AsSpan(random.OneIn(2) ? Math.Min(position, other.Length) : random.Next(other.Length + 1)));
    }

    private void InsertWord(MutableInput input, int position, FuzzRandom random)
    {
        if (_dictionary.Count > 0)
        {
            input.Insert(position, _dictionary[random.Next(_dictionary.Count)]);
        }
        else
        {
            input.Open(position, random.Next(1, 200)).Fill(random.Pick<byte>(InterestingBytes));
        }
    }

    private static void EditField(Span<byte> bytes, Field field, FuzzRandom random)
    {
        if (field.Offset + field.Size > bytes.Length)
        {
            return;
        }

        var place = bytes[field.Offset..];
        var present = field.Size == 4 ? BinaryPrimitives.ReadInt32LittleEndian(place) : BinaryPrimitives.ReadInt64LittleEndian(place);
        var value = NewValue(present, field.Kind, random);
        if (field.Size == 4)
        {
            BinaryPrimitives.WriteInt32LittleEndian(place, (int)value);
        }
        else
        {
            BinaryPrimitives.WriteInt64LittleEndian(place, value);
        }
    }

    private static long NewValue(long present, FieldKind kind, FuzzRandom random) => (random.Next(4), kind) switch
    {
        (0 or 1, FieldKind.Flags) => (long)random.Pick<ulong>(InterestingFlags),
        (2, FieldKind.Flags) => present ^ (1L << random.Next(20)),
        (0 or 1, FieldKind.Code) => random.Pick<int>(InterestingCodes),
        (0, FieldKind.Length or FieldKind.Counter) => present + random.Next(-3, 4),
        (1, FieldKind.Length) => present + random.Pick<long>([120, 168, 16, -120, -168, -16, 65_536]),
        (3, FieldKind.Other) => present ^ (1L << random.Next(64)),
        (3, FieldKind.Counter) => (long)random.Next64(),
        _ => random.Pick<long>(InterestingNumbers),
    };
}
