using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport.Tls;

namespace Dvs.Proxy.Tests.Transport.Tls;

/// <summary>A TLS client that believes whatever the server shows.</summary>
internal sealed class TestTlsClient : IDisposable
{
    private readonly Socket _socket;

    private TestTlsClient(Socket socket, SslStream stream)
    {
        _socket = socket;
        Stream = stream;
        PeerSubject = stream.RemoteCertificate?.Subject;
    }

    internal SslStream Stream { get; }

    internal string? PeerSubject { get; }

    internal static TestTlsClient Connect(Socket socket, TestPki pki, TlsFiles? files)
    {
        socket.ReceiveTimeout = (int)Eventually.Limit.TotalMilliseconds;
        var stream = new SslStream(new NetworkStream(socket), false);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "server",
            EnabledSslProtocols = SslProtocols.Tls13,
#pragma warning disable CA5359 // The server under test is the one that has to be careful.
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
        };
        if (files is not null)
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPemFile(files.Certificate, files.Key), null, offline: true);
        }

        stream.AuthenticateAsClient(options);
        return new TestTlsClient(socket, stream);
    }

    internal bool IsClosedByPeer()
    {
        try
        {
            return Stream.ReadByte() < 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose()
    {
        Stream.Dispose();
        _socket.Dispose();
    }
}

/// <summary>A TLS server on loopback that shows a certificate, and believes whatever clients show.</summary>
internal sealed class TestTlsServer : IDisposable
{
    private readonly TcpListener _listener;
    private readonly X509Certificate2 _certificate;

    internal TestTlsServer(TlsFiles files, string address = "127.0.0.1", int port = 0)
    {
        _listener = new TcpListener(IPAddress.Parse(address), port);
        _certificate = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = Task.Run(ServeAsync);
    }

    internal int Port { get; }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await using var stream = new SslStream(client.GetStream());
                try
                {
                    await stream.AuthenticateAsServerAsync(_certificate);
                    _ = await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false);
                }
                catch (Exception failure) when (failure is IOException or AuthenticationException)
                {
                }
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or OperationCanceledException)
        {
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _certificate.Dispose();
    }
}
