using System.Runtime.Versioning;
using Xunit.Sdk;
using Xunit.v3;

// Every test drives processes of its own; side by side they would only slow each other down.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: UnsupportedOSPlatform("windows")]
