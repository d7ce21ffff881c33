namespace Dvs.Proxy.Device.Administration;

/// <summary>The part of the driver an operator needs. Any thread. All calls throw <see cref="DvkException"/> when refused.</summary>
public interface IDvkAdministrationCalls
{
    /// <summary>Makes this machine node <paramref name="nodeId"/> of a DVS with the given limits (dvs_init).</summary>
    /// <exception cref="DvkException"><see cref="DvkError.DvsBusy"/> already initialised; <see cref="DvkError.BadNodeId"/>; <see cref="DvkError.BadRange"/> or
    /// <see cref="DvkError.BadValue"/> for limits beyond the driver's own.</exception>
    void InitializeDvs(int nodeId, DvsInfo limits);

    /// <summary>
    /// Tears everything down (dvs_end). A kernel driver as published never returns from it while a proxy pair is bound, and only a reboot helps.
    /// </summary>
    void EndDvs();

    /// <summary>Starts a DC on this node (dc_init).</summary>
    /// <exception cref="DvkException"><see cref="DvkError.ResourceBusy"/>: the DC runs already, or another one has its name;
    /// <see cref="DvkError.BadRange"/>.</exception>
    void StartDc(DcInfo dc);

    /// <summary>
    /// Ends a DC on this node (dc_end). The kernel driver sends SIGTERM to the local processes bound in it, and does not return until they are gone; a process
    /// that unbinds or ends meanwhile may hang. End them first.
    /// </summary>
    /// <exception cref="DvkException"><see cref="DvkError.DcNotRunning"/>, <see cref="DvkError.BadDcId"/>; <see cref="DvkError.Fault"/> for
    /// a negative id.</exception>
    void EndDc(int dcId);

    /// <summary>Lets a DC extend to a remote node (add_node).</summary>
    /// <exception cref="DvkException"><see cref="DvkError.NodeFree"/> while no proxy has brought the node up; <see cref="DvkError.NodeInDc"/>,
    /// <see cref="DvkError.BadNodeId"/>, <see cref="DvkError.DcNotRunning"/>, <see cref="DvkError.ResourceBusy"/>.</exception>
    void AddNode(int dcId, int nodeId);

    /// <summary>Takes a remote node out of a DC (del_node).</summary>
    /// <exception cref="DvkException"><see cref="DvkError.NodeInDc"/>, although it is not, and as <see cref="AddNode"/>.</exception>
    void RemoveNode(int dcId, int nodeId);
}
