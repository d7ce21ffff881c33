using System.Buffers;

namespace Dvs.Proxy.Tests.Transport.Pipes;

/// <summary>A pool that counts what is out, and overwrites what comes back, so that a use after the return shows.</summary>
internal sealed class PoisonPool : ArrayPool<byte>
{
    private readonly HashSet<byte[]> _out = new(ReferenceEqualityComparer.Instance);

    internal int Outstanding => _out.Count;

    internal int OutstandingBytes => _out.Sum(each => each.Length);

    public override byte[] Rent(int minimumLength)
    {
        var array = new byte[minimumLength + 3]; // pools give more than was asked for
        _out.Add(array);
        return array;
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        Assert.True(_out.Remove(array), "Returned twice, or not of this pool.");
        Array.Fill(array, (byte)0xDD);
    }
}
