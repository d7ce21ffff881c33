namespace Dvs.Proxy.Device;

/// <summary>
/// Results of driver calls, and of commands in <c>c_rcode</c>: 0, or a negative DVS error. Names and meanings in C's spelling come from
/// <see cref="DvkErrors"/>.
/// </summary>
public enum DvkError
{
    /// <summary>Success (<c>OK</c>).</summary>
    Ok = 0,

    /// <summary>Operation not permitted (<c>EDVSPERM</c>).</summary>
    Perm = -1,

    /// <summary>No such entry (<c>EDVSNOENT</c>).</summary>
    NoEntry = -2,

    /// <summary>No such process (<c>EDVSSRCH</c>).</summary>
    NoProcess = -3,

    /// <summary>A signal ended the call (<c>EDVSINTR</c>).</summary>
    Interrupted = -4,

    /// <summary>Input/output error (<c>EDVSIO</c>).</summary>
    InputOutput = -5,

    /// <summary>The argument is larger than the driver takes (<c>EDVS2BIG</c>).</summary>
    TooBig = -7,

    /// <summary>Try again (<c>EDVSAGAIN</c>).</summary>
    Again = -11,

    /// <summary>The driver is out of memory (<c>EDVSNOMEM</c>).</summary>
    NoMemory = -12,

    /// <summary>Access denied (<c>EDVSACCES</c>).</summary>
    Access = -13,

    /// <summary>Bad address (<c>EDVSFAULT</c>).</summary>
    Fault = -14,

    /// <summary>Busy: already taking part in a copy (<c>EDVSBUSY</c>).</summary>
    Busy = -16,

    /// <summary>No such device (<c>EDVSNODEV</c>).</summary>
    NoDevice = -19,

    /// <summary>Invalid argument (<c>EDVSINVAL</c>).</summary>
    Invalid = -22,

    /// <summary>The driver does not know this call (<c>EDVSNOTTY</c>).</summary>
    NotTty = -25,

    /// <summary>An endpoint, a slot number or a length is out of range (<c>EDVSRANGE</c>).</summary>
    Range = -34,

    /// <summary>Not implemented by the driver (<c>EDVSNOSYS</c>).</summary>
    NotImplemented = -38,

    /// <summary>Invalid packet size (<c>EDVSPACKSIZE</c>).</summary>
    PackSize = -50,

    /// <summary>Not enough buffers left (<c>EDVSOUTOFBUFS</c>).</summary>
    OutOfBuffers = -51,

    /// <summary>Illegal ioctl for the device (<c>EDVSBADIOCTL</c>).</summary>
    BadIoctl = -52,

    /// <summary>Bad mode in ioctl (<c>EDVSBADMODE</c>).</summary>
    BadMode = -53,

    /// <summary>The call would block (<c>EDVSWOULDBLOCK</c>).</summary>
    WouldBlock = -54,

    /// <summary>Not a valid destination (<c>EDVSBADDEST</c>).</summary>
    BadDestination = -55,

    /// <summary>Destination not reachable (<c>EDVSDSTNOTRCH</c>).</summary>
    DestinationNotReachable = -56,

    /// <summary>Already connected (<c>EDVSISCONN</c>).</summary>
    IsConnected = -57,

    /// <summary>Address in use (<c>EDVSADDRINUSE</c>).</summary>
    AddressInUse = -58,

    /// <summary>Connection refused (<c>EDVSCONNREFUSED</c>).</summary>
    ConnectionRefused = -59,

    /// <summary>Connection reset (<c>EDVSCONNRESET</c>).</summary>
    ConnectionReset = -60,

    /// <summary>Timed out (<c>EDVSTIMEDOUT</c>).</summary>
    TimedOut = -61,

    /// <summary>Urgent data present (<c>EDVSURG</c>).</summary>
    Urgent = -62,

    /// <summary>No urgent data present (<c>EDVSNOURG</c>).</summary>
    NoUrgent = -63,

    /// <summary>The proxy pair is not connected to its peer (<c>EDVSNOTCONN</c>).</summary>
    NotConnected = -64,

    /// <summary>The proxy pair was unbound (<c>EDVSSHUTDOWN</c>).</summary>
    Shutdown = -65,

    /// <summary>No such connection (<c>EDVSNOCONN</c>).</summary>
    NoConnection = -66,

    /// <summary>Address family not supported (<c>EDVSAFNOSUPPORT</c>).</summary>
    AddressFamilyNotSupported = -67,

    /// <summary>Protocol not supported (<c>EDVSPROTONOSUPPORT</c>).</summary>
    ProtocolNotSupported = -68,

    /// <summary>Protocol wrong type (<c>EDVSPROTOTYPE</c>).</summary>
    ProtocolType = -69,

    /// <summary>Operation in progress (<c>EDVSINPROGRESS</c>).</summary>
    InProgress = -70,

    /// <summary>Address not available (<c>EDVSADDRNOTAVAIL</c>).</summary>
    AddressNotAvailable = -71,

    /// <summary>Connection already in progress (<c>EDVSALREADY</c>).</summary>
    Already = -72,

    /// <summary>Message too long (<c>EDVSMSGSIZE</c>).</summary>
    MessageSize = -73,

    /// <summary>Not a socket (<c>EDVSNOTSOCK</c>).</summary>
    NotSocket = -74,

    /// <summary>Protocol option not available (<c>EDVSNOPROTOOPT</c>).</summary>
    NoProtocolOption = -75,

    /// <summary>Generic error (<c>EDVSGENERIC</c>).</summary>
    Generic = -99,

    /// <summary>Deadlock: the two processes would wait for each other (<c>EDVSLOCKED</c>).</summary>
    Locked = -101,

    /// <summary>Illegal call (<c>EDVSBADCALL</c>).</summary>
    BadCall = -102,

    /// <summary>Bad source or destination process (<c>EDVSBADSRCDST</c>).</summary>
    BadSourceDestination = -103,

    /// <summary>No permission for this call (<c>EDVSCALLDENIED</c>).</summary>
    CallDenied = -104,

    /// <summary>The destination is dead (<c>EDVSDEADSRCDST</c>).</summary>
    DeadSourceDestination = -105,

    /// <summary>Source or destination is not ready (<c>EDVSNOTREADY</c>).</summary>
    NotReady = -106,

    /// <summary>Unknown command or request (<c>EDVSBADREQUEST</c>).</summary>
    BadRequest = -107,

    /// <summary>The source died meanwhile (<c>EDVSSRCDIED</c>).</summary>
    SourceDied = -108,

    /// <summary>The destination died meanwhile, or is not there (<c>EDVSDSTDIED</c>).</summary>
    DestinationDied = -109,

    /// <summary>Denied: one of the two processes must be a system process (<c>EDVSTRAPDENIED</c>).</summary>
    TrapDenied = -110,

    /// <summary>No reply is to be sent (<c>EDVSDONTREPLY</c>).</summary>
    DontReply = -201,

    /// <summary>Bad node id (<c>EDVSBADNODEID</c>).</summary>
    BadNodeId = -301,

    /// <summary>Bad DC id (<c>EDVSBADDCID</c>).</summary>
    BadDcId = -302,

    /// <summary>The DC is not running on this node (<c>EDVSDCNOTRUN</c>).</summary>
    DcNotRunning = -303,

    /// <summary>Bad process number (<c>EDVSBADPROC</c>).</summary>
    BadProcess = -304,

    /// <summary>No live thread or process has this pid (<c>EDVSBADPID</c>).</summary>
    BadPid = -305,

    /// <summary>The slot holds another endpoint (<c>EDVSENDPOINT</c>).</summary>
    Endpoint = -306,

    /// <summary>No proxy runs (<c>EDVSNOPROXY</c>).</summary>
    NoProxy = -307,

    /// <summary>The process is remote (<c>EDVSRMTPROC</c>).</summary>
    RemoteProcess = -308,

    /// <summary>The process is local (<c>EDVSLCLPROC</c>).</summary>
    LocalProcess = -309,

    /// <summary>No process is bound there (<c>EDVSNOTBIND</c>).</summary>
    NotBind = -310,

    /// <summary>The proxy already runs (<c>EDVSPROXYRUN</c>).</summary>
    ProxyRunning = -311,

    /// <summary>Acknowledgement for a process that does not wait for one (<c>EDVSACKDST</c>).</summary>
    AckDestination = -312,

    /// <summary>Acknowledgement from another process than the one waited for (<c>EDVSACKSRC</c>).</summary>
    AckSource = -313,

    /// <summary>Waiting for an acknowledgement (<c>EDVSACKWAIT</c>).</summary>
    AckWait = -314,

    /// <summary>The node is busy (<c>EDVSNODEBUSY</c>).</summary>
    NodeBusy = -315,

    /// <summary>The process is not on that node (<c>EDVSNONODE</c>).</summary>
    NoNode = -316,

    /// <summary>The DVS is busy: already initialised, or still in use (<c>EDVSDVSBUSY</c>).</summary>
    DvsBusy = -317,

    /// <summary>The DVS is not initialised on this node (<c>EDVSDVSINIT</c>).</summary>
    DvsNotInitialised = -318,

    /// <summary>The node is not part of the DC (<c>EDVSNODCNODE</c>).</summary>
    NodeNotInDc = -319,

    /// <summary>The process is running (<c>EDVSPROCRUN</c>).</summary>
    ProcessRunning = -320,

    /// <summary>No message is there (<c>EDVSNOMSG</c>).</summary>
    NoMessage = -321,

    /// <summary>The DC already runs (<c>EDVSDCRUN</c>).</summary>
    DcRunning = -323,

    /// <summary>The process is not in the state this needs (<c>EDVSPROCSTS</c>).</summary>
    ProcessStatus = -324,

    /// <summary>The node is free: no proxy has brought it up (<c>EDVSNODEFREE</c>).</summary>
    NodeFree = -325,

    /// <summary>The node is already part of the DC (<c>EDVSDCNODE</c>).</summary>
    NodeInDc = -326,

    /// <summary>The caller is not that proxy (<c>EDVSBADPROXY</c>).</summary>
    BadProxy = -327,

    /// <summary>Already taking part in a copy (<c>EDVSONCOPY</c>).</summary>
    OnCopy = -328,

    /// <summary>The process already has an operation queued (<c>EDVSENQUEUED</c>).</summary>
    Enqueued = -329,

    /// <summary>Overrun (<c>EDVSOVERRUN</c>).</summary>
    Overrun = -330,

    /// <summary>Bad owner (<c>EDVSBADOWNER</c>).</summary>
    BadOwner = -331,

    /// <summary>The process is migrating (<c>EDVSMIGRATE</c>).</summary>
    Migrating = -332,

    /// <summary>The proxy pair is free (<c>EDVSPROXYFREE</c>).</summary>
    ProxyFree = -333,

    /// <summary>Not a thread group leader (<c>EDVSGRPLEADER</c>).</summary>
    GroupLeader = -334,

    /// <summary>Insufficient privileges: CAP_SYS_ADMIN is needed (<c>EDVSPRIVILEGES</c>).</summary>
    Privileges = -335,

    /// <summary>This kind of bind is not possible here (<c>EDVSBINDTYPE</c>).</summary>
    BindType = -336,

    /// <summary>The slot is in use by another process (<c>EDVSSLOTUSED</c>).</summary>
    SlotUsed = -337,

    /// <summary>A limit is out of range (<c>EDVSBADRANGE</c>): dvs_init and dc_init answer it, and getep for a pid nobody has.</summary>
    BadRange = -338,

    /// <summary>Bad value (<c>EDVSBADVALUE</c>).</summary>
    BadValue = -339,

    /// <summary>Bad directory (<c>EDVSBADDIR</c>).</summary>
    BadDirectory = -340,

    /// <summary>Bad file (<c>EDVSBADFILE</c>).</summary>
    BadFile = -341,

    /// <summary>The resource is busy (<c>EDVSRSCBUSY</c>).</summary>
    ResourceBusy = -342,

    /// <summary>The name is too long (<c>EDVSNAMESIZE</c>).</summary>
    NameSize = -343,

    /// <summary>The driver could not allocate memory (<c>EDVSALLOCMEM</c>).</summary>
    AllocateMemory = -344,

    /// <summary>Bad proxy id (<c>EDVSPROXYID</c>).</summary>
    ProxyId = -345,

    /// <summary>The process is a replica (<c>EDVSREPLPROC</c>).</summary>
    ReplicaProcess = -346,

    /// <summary>Bad alignment (<c>EDVSALIGN</c>).</summary>
    Alignment = -347,

    /// <summary>Woken up by another process (<c>EDVSWOKENUP</c>).</summary>
    WokenUp = -348,

    /// <summary>Bad trampoline (<c>EDVSBADTRAMP</c>).</summary>
    BadTrampoline = -349,

    /// <summary>Copy between two user spaces failed (<c>EDVSUSR2USR</c>).</summary>
    UserToUser = -350,

    /// <summary>Copy from the kernel to user space failed (<c>EDVSKRN2USR</c>).</summary>
    KernelToUser = -351,

    /// <summary>Copy from user space to the kernel failed (<c>EDVSUSR2KRN</c>).</summary>
    UserToKernel = -352,

    /// <summary>There is no primary (<c>EDVSPRIMARY</c>).</summary>
    NoPrimary = -401,

    /// <summary>There is no replica (<c>EDVSNOREPLICA</c>).</summary>
    NoReplica = -402,

    /// <summary>The interrupted call wants to be made again (<c>EDVSRESTARTSYS</c>).</summary>
    RestartSystemCall = -512,
}
