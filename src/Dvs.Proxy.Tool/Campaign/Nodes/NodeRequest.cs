using System.Text.Json.Serialization;

namespace Dvs.Proxy.Tool.Campaign.Nodes;

/// <summary>What a parent tells a node: one JSON line on the node's standard input; each is answered by one <see cref="NodeAnswer"/>, in order.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "do")]
[JsonDerivedType(typeof(OpenDriver), "open-driver")]
[JsonDerivedType(typeof(CloseDriver), "close-driver")]
[JsonDerivedType(typeof(StartNode), "start")]
[JsonDerivedType(typeof(WaitConnected), "wait-connected")]
[JsonDerivedType(typeof(PrepareWorkload), "prepare")]
[JsonDerivedType(typeof(ReleaseWorkload), "release")]
[JsonDerivedType(typeof(JoinWorkload), "join")]
[JsonDerivedType(typeof(ReadReport), "report")]
[JsonDerivedType(typeof(ExpectPeerToStop), "expect-stop")]
[JsonDerivedType(typeof(StopNode), "stop")]
internal abstract record NodeRequest;

/// <summary>Open the driver of the process, and make it the node where it is none yet. Nothing is bound in it by that.</summary>
internal sealed record OpenDriver(int NodeId) : NodeRequest;

/// <summary>Close the driver of the process again, and leave it as it was found.</summary>
internal sealed record CloseDriver : NodeRequest;

/// <summary>Start the proxy with one peer, start DC 0 and let it extend to the peer. Opens the driver where <see cref="OpenDriver"/> has not.</summary>
internal sealed record StartNode(int NodeId, int PeerNodeId, int ListenPort, int PeerPort, Combination Options) : NodeRequest;

/// <summary>Wait until both directions are connected.</summary>
internal sealed record WaitConnected(int TimeoutMilliseconds) : NodeRequest;

/// <summary>Create and bind the processes of one side of a workload; they wait for <see cref="ReleaseWorkload"/>.</summary>
internal sealed record PrepareWorkload(WorkloadPlan Plan, WorkloadSide Side, int PeerNodeId, bool BindClients) : NodeRequest;

/// <summary>Let the prepared processes go.</summary>
internal sealed record ReleaseWorkload : NodeRequest;

/// <summary>Wait until the processes ended, and say what they did.</summary>
internal sealed record JoinWorkload : NodeRequest;

/// <summary>Report what proxy and driver see.</summary>
internal sealed record ReadReport : NodeRequest;

/// <summary>The peer is about to stop: losing its connection is nothing to warn of.</summary>
internal sealed record ExpectPeerToStop : NodeRequest;

/// <summary>Stop the proxy and the DC, and check that the driver is left clean.</summary>
internal sealed record StopNode : NodeRequest;
