namespace Dvs.MultiProxyHost.Operator;

/// <summary>What an operator wants of a driver.</summary>
internal enum OperatorVerb
{
    DvsInit,
    DvsInfo,
    DcInit,
    DcInfo,
    NodeAdd,
    NodeDel,
    NodeInfo,
    ProxyInfo,
    ProxyUnbind,
    ProcInfo,
}
