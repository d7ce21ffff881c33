using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Protocol.Digests;

/// <summary>
/// The digests of one connection, as its handshake agreed on them: XXH128, MD5, or keyed where the two sides share a secret. Each has one user.
/// </summary>
internal sealed class SessionDigests : IDisposable
{
    private SessionDigests(SessionFeatures features, SessionKeys keys)
    {
        Commands = Create(features, keys, FrameDigestUse.Commands);
        ToReceiver = Create(features, keys, FrameDigestUse.ControlToReceiver);
        ToSender = Create(features, keys, FrameDigestUse.ControlToSender);
    }

    /// <summary>Of command frames, for the receiver, which verifies them.</summary>
    public IFrameDigest Commands { get; }

    /// <summary>Of control messages of the sender.</summary>
    public IFrameDigest ToReceiver { get; }

    /// <summary>Of control messages of the receiver.</summary>
    public IFrameDigest ToSender { get; }

    /// <summary>The digests of a connection; null where it was agreed to have none.</summary>
    public static SessionDigests? Create(SessionFeatures features, SessionKeys keys) => (features & SessionFeatures.Digest) == 0
        ? null
        : new SessionDigests(features, keys);

    /// <summary>The digest of a connection without a secret.</summary>
    public static IFrameDigest Unkeyed(SessionFeatures features) => IFrameDigest.Unkeyed((features & SessionFeatures.Xxh128) != 0);

    public void Dispose()
    {
        Dispose(Commands);
        Dispose(ToReceiver);
        Dispose(ToSender);
    }

    private static IFrameDigest Create(SessionFeatures features, SessionKeys keys, FrameDigestUse use) =>
        (features & SessionFeatures.Secret) == 0 ? Unkeyed(features) : new AesGmacFrameDigest(keys.DeriveKey(use), use);

    private static void Dispose(IFrameDigest digest) => (digest as IDisposable)?.Dispose();
}
