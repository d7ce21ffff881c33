using System.Runtime.InteropServices;

namespace Dvs.Proxy.Interop;

/// <summary>What <see cref="Libc.Poll"/> looks at (<c>struct pollfd</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    public int Descriptor;
    public short Events;
    public short ReturnedEvents;
}
