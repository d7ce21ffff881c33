using System.Runtime.Versioning;

// Every test drives processes of its own; side by side they would only slow each other down.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: UnsupportedOSPlatform("windows")]
