using Dvs.Proxy.Device.Processes;

namespace Dvs.Proxy.Device.Administration;

/// <summary>The calls of a driver, for <see cref="DvkAdvice"/>. C names in parentheses.</summary>
public enum DvkCall
{
    /// <summary>Opening the device (open).</summary>
    Open,

    /// <summary><see cref="IDvkAdministrationCalls.InitializeDvs"/> (dvs_init).</summary>
    InitializeDvs,

    /// <summary><see cref="IDvkAdministrationCalls.EndDvs"/> (dvs_end).</summary>
    EndDvs,

    /// <summary><see cref="IDvkProxyCalls.GetDvsInfo"/> (getdvsinfo).</summary>
    GetDvsInfo,

    /// <summary><see cref="IDvkAdministrationCalls.StartDc"/> (dc_init).</summary>
    StartDc,

    /// <summary><see cref="IDvkAdministrationCalls.EndDc"/> (dc_end).</summary>
    EndDc,

    /// <summary><see cref="IDvkProxyCalls.GetDcInfo"/> (getdcinfo).</summary>
    GetDcInfo,

    /// <summary><see cref="IDvkAdministrationCalls.AddNode"/> (add_node).</summary>
    AddNode,

    /// <summary><see cref="IDvkAdministrationCalls.RemoveNode"/> (del_node).</summary>
    RemoveNode,

    /// <summary><see cref="IDvkProxyCalls.NodeUp"/> (node_up).</summary>
    NodeUp,

    /// <summary><see cref="IDvkProxyCalls.NodeDown"/> (node_down).</summary>
    NodeDown,

    /// <summary><see cref="IDvkProxyCalls.GetNodeInfo"/> (getnodeinfo).</summary>
    GetNodeInfo,

    /// <summary><see cref="IDvkProxyCalls.BindProxies"/> (proxies_bind).</summary>
    BindProxies,

    /// <summary><see cref="IDvkProxyCalls.UnbindProxies"/> (proxies_unbind).</summary>
    UnbindProxies,

    /// <summary><see cref="IDvkProxyCalls.SetProxyConnection"/> (proxy_conn).</summary>
    SetProxyConnection,

    /// <summary><see cref="IDvkProxyCalls.GetProxyInfo"/> (getproxyinfo).</summary>
    GetProxyInfo,

    /// <summary><see cref="IDvkProxyCalls.GetToRemote"/> (get2rmt).</summary>
    GetToRemote,

    /// <summary><see cref="IDvkProxyCalls.PutToLocal"/> (put2lcl).</summary>
    PutToLocal,

    /// <summary><see cref="IDvkProxyCalls.TryBind"/> (bind).</summary>
    Bind,

    /// <summary><see cref="IDvkProxyCalls.TryUnbind"/> (unbind).</summary>
    Unbind,

    /// <summary><see cref="IDvkProcessCalls.WaitForBind"/> (wait4bind).</summary>
    WaitForBind,

    /// <summary><see cref="IDvkProcessCalls.GetEndpoint"/> (getep).</summary>
    GetEndpoint,

    /// <summary><see cref="IDvkProxyCalls.GetProcessInfo"/> (getprocinfo).</summary>
    GetProcessInfo,

    /// <summary>send, sendrec, reply, receive, rcvrqst and notify.</summary>
    Message,

    /// <summary><see cref="IDvkProcessCalls.Copy"/> (vcopy).</summary>
    Copy,

    /// <summary><see cref="IDvkViews.ReadView"/>.</summary>
    ReadView,
}
