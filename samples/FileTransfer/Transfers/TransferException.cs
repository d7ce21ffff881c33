namespace FileTransfer.Transfers;

/// <summary>A transfer that cannot go on, in words for the user.</summary>
internal sealed class TransferException(string message, bool isPassing = false) : Exception(message)
{
    /// <summary>Whether opening the file again is worth a try.</summary>
    public bool IsPassing => isPassing;
}
