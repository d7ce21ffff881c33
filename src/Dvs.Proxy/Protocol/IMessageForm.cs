namespace Dvs.Proxy.Protocol;

/// <summary>
/// A form of a message's body, <see cref="Messages.MessageM1"/> to <see cref="Messages.MessageMC"/> (classic: a member of the union <c>m_u</c>): what
/// <see cref="Message.Create"/> writes and <see cref="Message.Read"/> reads.
/// </summary>
/// <typeparam name="TSelf">The form itself.</typeparam>
public interface IMessageForm<TSelf>
    where TSelf : struct, IMessageForm<TSelf>
{
    /// <summary>Reads the form from the body of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    static abstract TSelf Read(in Message message, DataModel model);

    /// <summary>Writes the form into the body of a message. Bytes that belong to no field stay as they are.</summary>
    /// <param name="message">The message.</param>
    /// <param name="model">Data model of the processes, <see cref="Device.IDvkDevice.DataModel"/>.</param>
    void Write(ref Message message, DataModel model);
}
