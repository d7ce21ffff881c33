namespace Dvs.Proxy.Tool.Operator;

/// <summary>What an operator wants of a driver.</summary>
internal enum OperatorVerb
{
    DvsInit,
    DvsInfo,
    DvsEnd,
    DcInit,
    DcInfo,
    DcEnd,
    NodeAdd,
    NodeDel,
    NodeInfo,
    ProxyInfo,
    ProxyUnbind,
    ProcInfo,
}
