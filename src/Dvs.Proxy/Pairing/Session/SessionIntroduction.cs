using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session;

/// <summary>A sender that has proven itself on a connection: what its OPEN said, and what both sides agreed.</summary>
/// <param name="Open">Its OPEN.</param>
/// <param name="Features">Features agreed.</param>
/// <param name="Keys">The keys of the handshake.</param>
internal sealed record SessionIntroduction(SessionOpen Open, SessionFeatures Features, SessionKeys Keys);
