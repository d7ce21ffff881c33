namespace Dvs.Proxy.Protocol.Control;

/// <summary>What a control message (<see cref="CommandCode.None"/>) says: its <c>m_type</c>. Unknown ones are to be ignored.</summary>
internal enum ControlType
{
    /// <summary>Sets the load thresholds (M1), see <see cref="LoadThresholds"/>.</summary>
    LoadThresholds = 4,

    /// <summary>The sender's load, and its hello (M1), see <see cref="LoadReport"/>.</summary>
    LoadLevel = 5,

    /// <summary>Asks to bind a process of the sender's node here (M3), see <see cref="RemoteBindRequest"/>.</summary>
    RemoteBind = 7,

    /// <summary>The bit that turns a control message into its answer.</summary>
    AnswerBit = 0x1000,

    /// <summary>Answer to <see cref="LoadThresholds"/>, with the load (M1).</summary>
    LoadThresholdsAnswer = AnswerBit | LoadThresholds,

    /// <summary>Answer to <see cref="RemoteBind"/>, with the result (M1, i1).</summary>
    RemoteBindAnswer = AnswerBit | RemoteBind,
}
