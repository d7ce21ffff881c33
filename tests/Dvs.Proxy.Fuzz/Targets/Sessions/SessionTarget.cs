using Dvs.Proxy.Fuzz.Engine;

namespace Dvs.Proxy.Fuzz.Targets.Sessions;

/// <summary>
/// The session's two state machines against a peer that says anything, over several connections: the receiver against a sender's OPEN and
/// frames, the sender against a receiver's ACCEPT, REFUSE and ACK. See <see cref="SessionInput"/> for the form of an input.
/// </summary>
public sealed class SessionTarget : FuzzTarget
{
    internal const ulong SenderSessionId = 0x7766_5544_3322_1100;

    private static readonly Lazy<IReadOnlyList<Seed>> SharedCorpus = new(SessionCorpus.Make);

    private readonly byte[] _copy = new byte[FuzzSettings.MaxInputLength];
    private readonly AttackedReceiver _receiver = new();
    private readonly AttackedSender _sender = new();

    /// <inheritdoc/>
    public override string Name => "session";

    /// <inheritdoc/>
    public override IReadOnlyList<Seed> Corpus => SharedCorpus.Value;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, long> Outcomes =>
        _receiver.Outcomes.Concat(_sender.Outcomes).ToDictionary(static item => item.Key, static item => item.Value);

    /// <summary>A reader with its scratch for every connection, the sender's window, and words about what is wrong.</summary>
    public override long AllowedAllocation(int inputLength) => 2_000_000 + (64L * inputLength);

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < SessionInput.OptionBytes)
        {
            return;
        }

        input.CopyTo(_copy);
        var rest = new ReadOnlyMemory<byte>(_copy, SessionInput.OptionBytes, input.Length - SessionInput.OptionBytes);
        if (SessionInput.AttacksSender(input[0]))
        {
            _sender.Run(input[0], rest);
        }
        else
        {
            _receiver.Run(input[0], rest);
        }
    }
}
