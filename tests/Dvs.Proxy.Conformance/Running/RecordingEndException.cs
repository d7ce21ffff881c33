namespace Dvs.Proxy.Conformance.Running;

/// <summary>The recording of this section ends before its script: there the real driver never came back.</summary>
internal sealed class RecordingEndException : Exception;
